import path from "node:path";

/** A mount that the settings ask for. */
export interface AskedMount {
  readonly source: MountSource;
  /** Absolute container path without `.`, `..` or a trailing slash. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** A path of the host, as written; or a directory that devkit keeps for each agent, by name. */
export type MountSource =
  { readonly kind: "host"; readonly path: string } | { readonly kind: "volume"; readonly name: string };

export type ParsedMount =
  { readonly ok: true; readonly mount: AskedMount } | { readonly ok: false; readonly problem: string };

const VOLUME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const HOST = /^(?:\/|~\/|\.{1,2}(?:\/|$))/;

/** Reads `SOURCE:TARGET[:ro|:rw]`, the short syntax of Compose: `../data:/data:ro`, `modules:/workspace/node_modules`. */
export function parseMountText(text: string): ParsedMount {
  if (/\p{Cc}/u.test(text)) return { ok: false, problem: "control characters are not taken here" };
  const parts = text.split(":");
  const [from = "", to = "", mode = "rw"] = parts;
  if (parts.length < 2 || parts.length > 3) return { ok: false, problem: "it is not SOURCE:TARGET[:ro]" };
  if (mode !== "ro" && mode !== "rw") return { ok: false, problem: `"${mode}" is neither ro nor rw` };
  if (!to.startsWith("/")) return { ok: false, problem: `"${to}" is not an absolute path inside the agent` };
  const target = path.posix.normalize(to).replace(/(?<=.)\/$/, "");
  const source = parseSource(from);
  if (source === undefined) {
    const problem = `"${from}" is neither a path that starts with /, ./, ../ or ~/ nor the name of a volume`;
    return { ok: false, problem };
  }
  return { ok: true, mount: { source, target, readOnly: mode === "ro" } };
}

function parseSource(text: string): MountSource | undefined {
  if (HOST.test(text)) return { kind: "host", path: text };
  return VOLUME.test(text) ? { kind: "volume", name: text } : undefined;
}

/** The one spelling of a mount, which `parseMountText` reads. */
export function formatMountText({ source, target, readOnly }: AskedMount): string {
  const from = source.kind === "host" ? source.path : source.name;
  return `${from}:${target}${readOnly ? ":ro" : ""}`;
}
