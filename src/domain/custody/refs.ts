/** Text of a private git dir is written by an agent: everything here is strict, bounded and never throws. */

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
  if (!ref.startsWith("refs/") || ref.length > 400 || ref.endsWith("/") || ref.endsWith(".")) return false;
  // eslint-disable-next-line no-control-regex -- control bytes are what this refuses
  if (/[\u0000-\u0020\u007f-\u009f\u2028-\u202e\u2066-\u2069~^:?*[\\]|\.\.|@\{|\/\//.test(ref)) return false;
  return ref.split("/").every((part) => part !== "" && !/^[.-]/.test(part) && !part.endsWith(".lock"));
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

/** The local branches of a `packed-refs` file; bad lines are skipped. */
export function parsePackedHeads(text: string): Map<string, string> {
  const heads = new Map<string, string>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const oid = line.slice(0, space);
    const ref = line.slice(space + 1);
    if (space > 0 && isOid(oid) && ref.startsWith("refs/heads/") && isSafeRefName(ref)) heads.set(ref, oid);
  }
  return heads;
}
