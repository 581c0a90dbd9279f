import type { SshHost } from "./ssh-host.js";

/** How a remote is spoken to. */
export type RemoteForm = "ssh" | "https";

/** The URL in the form that was asked for, which may be the same. */
export type ConvertedRemote =
  | { readonly ok: true; readonly url: string; readonly host: SshHost }
  | { readonly ok: false; readonly problem: RemoteProblem };

/** `host`: one that neither devkit nor the settings know; undefined: the URL leads to no host at all by ssh or https. */
export interface RemoteProblem {
  /** Completes "<url> …". */
  readonly reason: string;
  readonly host: string | undefined;
}

interface Place {
  readonly form: RemoteForm;
  /** Over ssh; undefined: none is named. */
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
  /** As written behind the host; begins with a slash in a URL. */
  readonly path: string;
  readonly isUrl: boolean;
}

const URL_FORM = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(.*)$/i;
const SHORT_FORM = /^(?:([^@/:\s]+)@)?([^@/:\s]+):(?!\/\/|:)(.+)$/;
const SCHEMES: Readonly<Record<string, RemoteForm>> = {
  ssh: "ssh",
  "git+ssh": "ssh",
  "ssh+git": "ssh",
  https: "https",
  http: "https",
};

/**
 * A remote's URL over ssh or over https; only for these hosts, whose ssh is on port 443. Over ssh, a port that the URL
 * names goes: it would win over the one that agents can reach.
 */
export function convertRemote(url: string, form: RemoteForm, hosts: readonly SshHost[]): ConvertedRemote {
  const place = parseRemote(url);
  if (place === undefined) return problem("is neither an ssh nor an https URL");
  const path = plainPath(place);
  if (path === undefined) return problem("does not name a repository");
  const host = findHost(place.host, hosts);
  if (host === undefined) {
    return problem(`leads to ${place.host}, of which devkit does not know where its ssh is`, place.host);
  }
  const isAsAsked =
    place.form === form &&
    (form === "https" || (host.name === place.host.toLowerCase() && (place.port ?? "") === ""));
  return { ok: true, url: isAsAsked ? url : writeRemote({ ...place, host: host.name }, form, path), host };
}

function problem(reason: string, host?: string): ConvertedRemote {
  return { ok: false, problem: { reason, host } };
}

function parseRemote(url: string): Place | undefined {
  if (/[\p{Cc}]/u.test(url)) return undefined;
  const [, scheme, authority = "", path = "", rest] = URL_FORM.exec(url) ?? [];
  if (scheme !== undefined) {
    const form = SCHEMES[scheme.toLowerCase()];
    const at = authority.lastIndexOf("@");
    const [, host, port] = /^([^:]+)(?::(\d*))?$/.exec(authority.slice(at + 1)) ?? [];
    if (form === undefined || host === undefined || rest !== "") return undefined;
    const user = at === -1 ? undefined : authority.slice(0, at).split(":", 1)[0];
    return { form, user, host, port, path: decodePath(path), isUrl: true };
  }
  const [, user, host, path2] = SHORT_FORM.exec(url) ?? [];
  if (host === undefined || path2 === undefined) return undefined;
  return { form: "ssh", user, host, port: undefined, path: path2, isUrl: false };
}

/** By its name in URLs, or by the one at which its ssh is. */
function findHost(host: string, hosts: readonly SshHost[]): SshHost | undefined {
  const wanted = host.toLowerCase();
  return hosts.find(({ name }) => name === wanted) ?? hosts.find(({ server }) => server === wanted);
}

/** `OWNER/REPO`, or more groups before it; undefined when there is nothing, or something that no forge has. */
function plainPath({ path }: Place): string | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const isPlain = parts.length > 0 && parts.every((part) => part !== "." && part !== ".." && part !== ".git");
  return isPlain && !path.startsWith("-") && !/\p{Cc}/u.test(path) ? parts.join("/") : undefined;
}

function writeRemote({ form, user, host, path, isUrl }: Place, wanted: RemoteForm, plain: string): string {
  const repository = plain.endsWith(".git") ? plain : `${plain}.git`;
  if (wanted === "https") return `https://${host}/${encodeURI(repository)}`;
  if (form === "https") return `git@${host}:${repository}`;
  // Over ssh already: all stays but what leads past the way that agents have.
  const account = user === undefined ? "" : `${user}@`;
  return isUrl ? `ssh://${account}${host}${encodeURI(path)}` : `${account}${host}:${path}`;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
