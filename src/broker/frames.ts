/**
 * What goes over a socket: a line with the kind and the version (`cmd 1`, `mcp 1`); for `cmd` then one frame each way: its length
 * in four bytes, the highest first, and that many bytes of fields, `<name> <bytes>\n<value>` each. Simple enough for a
 * client in Perl without a module; MCP is bytes from then on.
 */

/** Text of an agent's own worktree, or of its command; all of it hostile. */
export interface EndpointRequest {
  /** The words after `devkit`. */
  readonly argv: readonly string[];
  /** Container path. */
  readonly cwd: string;
  /** Short; undefined: detached. */
  readonly branch: string | undefined;
  /** Per-agent files of `.devkit` in its worktree; undefined: not there. */
  readonly files: LocalFiles;
  /** Standard input, for the commands that read it. */
  readonly input: string | undefined;
  /** Paths relative to the worktree's root that a commit is about to change, for the commands about them. */
  readonly changed: readonly string[] | undefined;
}

export interface LocalFiles {
  readonly head?: string | undefined;
  readonly staged?: string | undefined;
  readonly topic?: string | undefined;
}

export interface EndpointReply {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the client writes into `.devkit` of its worktree; undefined leaves a file as it is, null removes it. */
  readonly write: { readonly [K in keyof LocalFiles]: string | null };
  /** Nothing was done: come again. */
  readonly busy?: boolean;
}

export const HELLO = { cmd: "cmd 1\n", mcp: "mcp 1\n" } as const;
/** Both have it. */
export const HELLO_BYTES = 6;

const LOCAL = ["head", "staged", "topic"] as const;
const MAX_FIELDS = 1000;

/** The request of a frame; undefined when it is none. */
export function parseRequest(body: Buffer): EndpointRequest | undefined {
  const fields = parseFields(body);
  if (fields === undefined) return undefined;
  const find = (name: string) => fields.find(([key]) => key === name)?.[1];
  const argv = fields.filter(([key]) => key === "arg").map(([, value]) => value);
  const changed = find("changed");
  return {
    argv,
    cwd: find("cwd") ?? "/",
    branch: find("branch") === "" ? undefined : find("branch"),
    files: Object.fromEntries(LOCAL.map((name) => [name, find(name)])),
    input: find("input"),
    changed: changed?.split("\0").filter((path) => path !== ""),
  };
}

/** A frame with an answer. */
export function formatReply({ exitCode, stdout, stderr, write, busy }: EndpointReply): Buffer {
  const files = LOCAL.flatMap((name): [string, string][] => {
    const text = write[name];
    if (text === undefined) return [];
    return [text === null ? [`remove-${name}`, ""] : [`write-${name}`, text]];
  });
  return formatFrame([
    ["exit", String(exitCode)],
    ["stderr", stderr],
    ["stdout", stdout],
    ...files,
    ...(busy === true ? ([["busy", ""]] as const) : []),
  ]);
}

/** A frame with these fields. */
export function formatFrame(fields: readonly (readonly [string, string])[]): Buffer {
  const body = Buffer.concat(
    fields.flatMap(([name, value]) => {
      const bytes = Buffer.from(value);
      return [Buffer.from(`${name} ${String(bytes.length)}\n`), bytes];
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** The fields of a frame's body; undefined when they are not whole, too many, or no UTF-8. */
export function parseFields(body: Buffer): [string, string][] | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const fields: [string, string][] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(10, at);
    const head = /^([a-z-]{1,20}) (0|[1-9]\d{0,8})$/.exec(
      body.toString("latin1", at, Math.min(end, at + 40)),
    );
    const size = Number(head?.[2]);
    if (end < 0 || head === null || end + 1 + size > body.length || fields.length >= MAX_FIELDS)
      return undefined;
    try {
      fields.push([head[1] ?? "", decoder.decode(body.subarray(end + 1, end + 1 + size))]);
    } catch {
      return undefined;
    }
    at = end + 1 + size;
  }
  return fields;
}
