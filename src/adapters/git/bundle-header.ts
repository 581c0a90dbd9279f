import { DevkitError } from "../../base/errors.js";

/** Whole bundles only: one with a filter promises objects that are not in it. */
const HEADER =
  /^(# v2 git bundle\n|# v3 git bundle\n(@object-format=sha(1|256)\n)?)(-?[0-9a-f]{40,64}( [^\n]*)?\n)*$/;
const MAGIC = "# v";
/** More than any list of branches; the header ends long before, or it is none. */
const HEADER_LIMIT = 8 * 1024 * 1024;

/** The start of what an agent sent: the refs it names (ref → object id, as it says), and the pack that follows. */
export interface BundleStart {
  readonly refs: ReadonlyMap<string, string>;
  /** Bytes of the pack that were read along with the header. */
  readonly rest: Buffer;
}

/**
 * Reads a bundle's header (gitformat-bundle(5)), which ends with an empty line.
 * @throws DevkitError E_PACK_REFUSED when there is none.
 */
export async function readBundleHeader(source: AsyncIterator<Buffer>): Promise<BundleStart> {
  let read = Buffer.alloc(0);
  let end = -1;
  while (end === -1 && read.length < HEADER_LIMIT) {
    const next = await source.next();
    if (next.done === true) break;
    const from = Math.max(0, read.length - 1);
    read = Buffer.concat([read, next.value]);
    end = read.indexOf("\n\n", from);
    // At once, not when somebody who sends something else has sent enough of it.
    if (!read.toString("latin1", 0, MAGIC.length).startsWith(MAGIC.slice(0, read.length))) break;
  }
  const header = read.toString("utf8", 0, end + 1);
  if (end === -1 || !HEADER.test(header)) {
    throw new DevkitError("E_PACK_REFUSED", "what the agent sent is not a git bundle");
  }
  const refs = header
    .split("\n")
    .map((line) => /^([0-9a-f]+) (.+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, oid = "", ref = ""]) => [ref, oid] as const);
  return { refs: new Map(refs), rest: read.subarray(end + 2) };
}
