import type { RawPath } from "./raw-path.js";

/** How one file differs between two states. */
export interface FileChange {
  readonly path: RawPath;
  /** What it was called before; only when renamed or copied. */
  readonly oldPath: RawPath | undefined;
  readonly status: "added" | "modified" | "deleted" | "renamed" | "copied" | "typechanged";
  /** Lines; undefined for a binary file. */
  readonly added: number | undefined;
  readonly deleted: number | undefined;
}

/** One entry of `git diff-tree -r -z --raw`, without renames. */
export interface RawChange {
  readonly path: RawPath;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldOid: string;
  readonly newOid: string;
}

const STATUS: Readonly<Record<string, FileChange["status"]>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "typechanged",
};

/** The mode of a path that is not there, and of a commit of another repository. */
export const MODE = { absent: "000000", gitlink: "160000", symlink: "120000" } as const;

/** Parses `git diff --raw --numstat -z`: all raw records first, then the counts. */
export function parseChanges(text: string): FileChange[] {
  const records = text.split("\0");
  const counts = parseCounts(records.slice(records.findIndex((record) => /^(\d+|-)\t/.test(record))));
  const changes: FileChange[] = [];
  for (let at = 0; (records[at] ?? "").startsWith(":"); at += 1) {
    const letter = (records[at] ?? "").split(" ")[4]?.charAt(0) ?? "";
    const isPair = letter === "R" || letter === "C";
    const oldPath = isPair ? records[(at += 1)] : undefined;
    const path = records[(at += 1)] ?? "";
    const count = counts.get(path);
    const status = STATUS[letter] ?? "modified";
    changes.push({ path, oldPath, status, added: count?.added, deleted: count?.deleted });
  }
  return changes;
}

function parseCounts(
  records: readonly string[],
): Map<RawPath, { added: number | undefined; deleted: number | undefined }> {
  const counts = new Map<RawPath, { added: number | undefined; deleted: number | undefined }>();
  const number = (text: string) => (text === "-" ? undefined : Number(text));
  for (let at = 0; at < records.length; at += 1) {
    const match = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(records[at] ?? "");
    if (match === null) continue;
    const [, added = "", deleted = "", path = ""] = match;
    // A rename has no path there, but its old and new one in the two records that follow.
    if (path === "") at += 2;
    counts.set(path === "" ? (records[at] ?? "") : path, { added: number(added), deleted: number(deleted) });
  }
  return counts;
}

/** Parses `git diff-tree -r -z --raw --no-renames`. */
export function parseRawChanges(text: string): RawChange[] {
  const records = text.split("\0");
  const changes: RawChange[] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [oldMode = "", newMode = "", oldOid = "", newOid = ""] = (records[at] ?? "").slice(1).split(" ");
    changes.push({ path: records[at + 1] ?? "", oldMode, newMode, oldOid, newOid });
  }
  return changes;
}
