import { showText } from "../../base/show-text.js";

/** Text of a private git dir is written by an agent: everything here is strict, bounded and never throws. */

/** A file's name has 255 bytes at most; git appends `.lock`, and a replaced tip is kept with a dash and twelve digits. */
const MAX_PART_BYTES = 237;
const MAX_REF_BYTES = 1000;

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What `HEAD` of a private git dir says. */
export type Head =
  { readonly kind: "branch"; readonly ref: string } | { readonly kind: "detached"; readonly oid: string };

export function isOid(text: string): boolean {
  return OID.test(text);
}

/**
 * Whether git would accept this as a full ref name (git-check-ref-format), and nothing in it can be mistaken for an
 * option, a path outside the ref store or a control sequence.
 */
export function isSafeRefName(ref: string): boolean {
  if (!ref.startsWith("refs/") || ref.endsWith("/") || ref.endsWith(".")) return false;
  if (Buffer.byteLength(ref) > MAX_REF_BYTES) return false;
  // eslint-disable-next-line no-control-regex -- control bytes are what this refuses
  if (/[\u0000-\u0020\u007f-\u009f\u2028-\u202e\u2066-\u2069~^:?*[\\]|\.\.|@\{|\/\//.test(ref)) return false;
  return ref.split("/").every(isSafePart);
}

/** A dash is fine: names are only ever given to git in full, from `refs/` on. U+FFFD: its bytes were not UTF-8. */
function isSafePart(part: string): boolean {
  return (
    part !== "" &&
    !part.startsWith(".") &&
    !part.endsWith(".lock") &&
    !part.includes("\ufffd") &&
    Buffer.byteLength(part) <= MAX_PART_BYTES
  );
}

export function parseHead(text: string): Head | undefined {
  const line = text.trimEnd();
  if (isOid(line)) return { kind: "detached", oid: line };
  const match = /^ref: (\S+)$/.exec(line);
  const ref = match?.[1];
  return ref !== undefined && isSafeRefName(ref) ? { kind: "branch", ref } : undefined;
}

/** The object id in a loose ref file; undefined for symbolic refs and anything else. */
export function parseLooseRef(text: string): string | undefined {
  const line = text.trimEnd();
  return isOid(line) ? line : undefined;
}

/** A local branch that cannot come home, and why; in words that are safe to show. */
export interface RefusedRef {
  readonly ref: string;
  readonly reason: string;
}

const LONGEST_SHOWN = 200;

export function refuseRef(ref: string, reason: string): RefusedRef {
  return { ref: showText(ref).slice(0, LONGEST_SHOWN), reason: showText(reason) };
}

/** Why a branch of this name stays where it is; git accepts some names that devkit does not. */
export const BAD_NAME = "its name cannot be used on the host";

/** The local branches of a `packed-refs` file; lines that are none of git's are skipped. */
export function parsePackedHeads(text: string): { heads: Map<string, string>; refused: RefusedRef[] } {
  const heads = new Map<string, string>();
  const refused: RefusedRef[] = [];
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const oid = line.slice(0, space);
    const ref = line.slice(space + 1);
    if (space <= 0 || !isOid(oid) || !ref.startsWith("refs/heads/")) continue;
    if (isSafeRefName(ref)) heads.set(ref, oid);
    else refused.push(refuseRef(ref, BAD_NAME));
  }
  return { heads, refused };
}
