/** Mode of an entry that stands for another repository's commit. */
const GITLINK = "160000";
/** No directory anybody works in; git holds a tree in memory whole. */
const MAX_TREE_BYTES = 64 * 1024 * 1024;

/** Whether any tree in the output of `git cat-file --batch` has a gitlink in it; true also for one that is too large to say. */
export async function hasGitlink(output: AsyncIterable<Buffer>): Promise<boolean> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const object = readObject(held);
      if (object === undefined) break;
      if (object.isTree && treeHasGitlink(object.content, object.oidBytes)) return true;
      held = held.subarray(object.end);
    }
    if (held.length > MAX_TREE_BYTES) return true;
  }
  return false;
}

interface BatchObject {
  readonly isTree: boolean;
  readonly content: Buffer;
  readonly oidBytes: number;
  /** Where the next object begins. */
  readonly end: number;
}

/** `<oid> <type> <size>` and the content, each with a line feed after it; undefined when it is not all there yet. */
function readObject(held: Buffer): BatchObject | undefined {
  const line = held.indexOf(0x0a);
  if (line === -1) return undefined;
  const [oid = "", type, size] = held.toString("latin1", 0, line).split(" ");
  const start = line + 1;
  const length = Number(size);
  // "<oid> missing": whoever asks for the connection of all objects hears of that.
  if (size === undefined) return { isTree: false, content: Buffer.alloc(0), oidBytes: 0, end: start };
  if (held.length < start + length + 1) return undefined;
  const content = held.subarray(start, start + length);
  return { isTree: type === "tree", content, oidBytes: oid.length / 2, end: start + length + 1 };
}

/** Entries are `<mode> <name>`, NUL and the object id's bytes. */
function treeHasGitlink(tree: Buffer, oidBytes: number): boolean {
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, space);
    if (space === -1 || end === -1) return false;
    if (tree.toString("latin1", at, space) === GITLINK) return true;
    at = end + 1 + oidBytes;
  }
  return false;
}
