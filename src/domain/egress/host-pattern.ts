import { showText } from "../../base/show-text.js";

/** Names that agents may reach, always on port 443. */
export interface HostPattern {
  /** Lower case, no trailing dot, at least two labels. */
  readonly host: string;
  /** `*.host`: every name below the host, at any depth, and not the host itself. */
  readonly wildcard: boolean;
}

/** Why a text is no host pattern. */
export interface HostProblem {
  /** The text without credentials, safe for a terminal. */
  readonly shown: string;
  /** Completes "<shown> …". */
  readonly reason: string;
  /** What to write instead. */
  readonly hint: string | undefined;
}

export type ParsedHost =
  | { readonly ok: true; readonly pattern: HostPattern }
  | { readonly ok: false; readonly problem: HostProblem };

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
const LAST_LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])$/;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
const LONGEST_SHOWN = 80;

/** Reads `github.com`, `*.example.com`, either with `:443`. Never an address in any spelling, never another port. */
export function parseHostPattern(text: string): ParsedHost {
  const reason = findReason(text);
  if (reason === undefined) return { ok: true, pattern: toPattern(text) };
  const name = findName(text);
  const hint = name === undefined ? undefined : `write only the name: ${name}`;
  return { ok: false, problem: { shown: showHost(text), reason, hint } };
}

/** `"10.0.0.1" is an IP address; only names can be allowed`, with what to write instead. */
export function formatHostProblem({ shown, reason, hint }: HostProblem): string {
  return `"${shown}" ${reason}${hint === undefined ? "" : `; ${hint}`}`;
}

/** As a person writes it. */
export function formatHostPattern({ host, wildcard }: HostPattern): string {
  return wildcard ? `*.${host}` : host;
}

/** The extended regular expression that a proxy's CONNECT target (`host:port`) is matched with, whatever its case. */
export function toTargetRegex({ host, wildcard }: HostPattern): string {
  return `^${wildcard ? "([a-z0-9_-]+\\.)+" : ""}${host.replaceAll(".", "\\.")}:443$`;
}

/** The same for profile `open`: any name on any port, and never an address. */
export const ANY_TARGET_REGEX = "^([a-z0-9_-]+\\.)+[a-z][a-z0-9-]*:[0-9]+$";

/** Whether every name that `inner` stands for is one of `outer`'s. */
export function covers(outer: HostPattern, inner: HostPattern): boolean {
  if (outer.host === inner.host) return outer.wildcard === inner.wildcard;
  return outer.wildcard && inner.host.endsWith(`.${outer.host}`);
}

/** Names next to their subdomains' wildcard, in the order of the alphabet. */
export function byHost(a: HostPattern, b: HostPattern): number {
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return Number(a.wildcard) - Number(b.wildcard);
}

function toPattern(text: string): HostPattern {
  const name = withoutPort(text.toLowerCase());
  return name.startsWith("*.") ? { host: name.slice(2), wildcard: true } : { host: name, wildcard: false };
}

function withoutPort(text: string): string {
  return text.endsWith(":443") ? text.slice(0, -":443".length) : text;
}

function findReason(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (lower === "") return "is empty";
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/[\s\u0000-\u001f\u007f]/.test(lower)) return "has a space or a control character in it";
  if (lower.startsWith("preset:")) return "is a preset, and presets stand only in [egress] allow";
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(lower)) return "is a URL";
  if (lower.includes("@")) return "has a user's name in it";
  if (/[/\\?#%]/.test(lower)) return "has more in it than a name";
  return portReason(lower) ?? nameReason(withoutPort(lower));
}

function portReason(text: string): string | undefined {
  if (text.startsWith("[") || (text.match(/:/g)?.length ?? 0) > 1) return ADDRESS;
  const port = /:(.*)$/.exec(text)?.[1];
  return port === undefined || port === "443" ? undefined : "names a port; agents reach only port 443";
}

const ADDRESS = "is an IP address; only names can be allowed";

function nameReason(name: string): string | undefined {
  if (name === "*") return 'is every name there is; for that there is [project] profiles = ["open"]';
  if (name.endsWith(".")) return "ends with a dot";
  if (isAddress(name)) return ADDRESS;
  const isWildcard = name.startsWith("*.");
  const base = isWildcard ? name.slice(2) : name;
  if (base.includes("*"))
    return "has a * in a place of its own choosing; it stands for whole labels, first: *.example.com";
  if (name.length > LONGEST_NAME) return `is longer than the ${String(LONGEST_NAME)} characters of a name`;
  return labelsReason(base.split("."), isWildcard);
}

function labelsReason(labels: readonly string[], isWildcard: boolean): string | undefined {
  for (const label of labels) {
    if (label === "") return "has an empty part between its dots";
    if (label.length > LONGEST_LABEL) return `has a part of more than ${String(LONGEST_LABEL)} characters`;
    if (/[^ -~]/.test(label)) return "has letters that names on the network cannot have";
    if (!LABEL.test(label))
      return `cannot be a name: "${showText(label)}" may have letters, digits, - and _, and no - at its ends`;
  }
  if (labels.length < 2) {
    return isWildcard
      ? "covers a whole top-level domain"
      : "has no dot, so it is no name that can be allowed";
  }
  return LAST_LABEL.test(labels.at(-1) ?? "")
    ? undefined
    : `cannot be a name: no top-level domain is called "${labels.at(-1) ?? ""}"`;
}

/** Dotted, decimal, octal, hexadecimal, short: whatever resolvers take for an IPv4 address. */
function isAddress(name: string): boolean {
  return /^(?:0x[0-9a-f]*|\d+)$/.test(name.split(".").at(-1) ?? "");
}

/** The name that a URL, `user@host:path` or `host:port` most likely means. */
function findName(text: string): string | undefined {
  const authority = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
    .split(/[/\\?#]/, 1)[0];
  const host = (authority ?? "").replace(/^.*@/, "").replace(/:[^:]*$/, "");
  const name = toAscii(host.replace(/\.$/, "").replace(/^\*(?=[^.*]+\.)/, "*."));
  return name !== text && findReason(name) === undefined ? formatHostPattern(toPattern(name)) : undefined;
}

/** `münchen.example` is `xn--mnchen-3ya.example` on the network. */
function toAscii(host: string): string {
  // What parses URLs drops line ends instead of refusing them.
  if (/^[ -~]*$|\p{Cc}/u.test(host)) return host;
  const wildcard = host.startsWith("*.") ? "*." : "";
  try {
    return wildcard + new URL(`https://${host.slice(wildcard.length)}`).hostname;
  } catch {
    return host;
  }
}

function showHost(text: string): string {
  const safe = showText(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1…@"));
  return safe.length <= LONGEST_SHOWN ? safe : `${safe.slice(0, LONGEST_SHOWN - 1)}…`;
}
