import type { RawPath } from "./raw-path.js";

/** A file that two sides changed in ways that do not go together. */
export interface Conflict {
  readonly path: RawPath;
  /** What git calls it: `contents`, `modify/delete`, `binary`, `submodule` … */
  readonly kinds: readonly string[];
}

/** What merging two commits gives; with conflicts the tree is none to commit. */
export interface TreeMerge {
  readonly tree: string;
  readonly conflicts: readonly Conflict[];
}

/**
 * Parses `git merge-tree --write-tree -z --name-only --messages`: the tree, the files in conflict, an empty record, then
 * messages of a count, that many paths, a short type and a text.
 */
export function parseTreeMerge(text: string): TreeMerge {
  const records = text.split("\0");
  const tree = (records[0] ?? "").trim();
  const end = records.indexOf("", 1);
  const files = records.slice(1, end === -1 ? records.length : end);
  const kinds = new Map<RawPath, Set<string>>(files.map((file) => [file, new Set()]));
  for (let at = end + 1; end !== -1 && at < records.length - 1;) {
    const count = Number(records[at]);
    if (!Number.isInteger(count) || count < 0) break;
    const kind = /^CONFLICT \((.+)\)$/.exec(records[at + 1 + count] ?? "")?.[1];
    for (const file of records.slice(at + 1, at + 1 + count))
      if (kind !== undefined) kinds.get(file)?.add(kind);
    at += count + 3;
  }
  return { tree, conflicts: [...kinds].map(([path, found]) => ({ path, kinds: [...found] })) };
}
