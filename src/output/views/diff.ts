import { withoutControls } from "../../base/controls.js";
import type { FileChange } from "../../domain/custody/file-changes.js";
import type { CommitInfo } from "../../domain/custody/merge.js";
import { pathText, showPath, type RawPath } from "../../domain/custody/raw-path.js";

const LETTERS: Readonly<Record<FileChange["status"], string>> = {
  added: "A",
  modified: "M",
  deleted: "D",
  renamed: "R",
  copied: "C",
  typechanged: "T",
};

/** One line for each commit, oldest first. */
export function commitLines(commits: readonly CommitInfo[]): string[] {
  return commits.map(({ oid, subject }) => `${oid.slice(0, 12)} ${withoutControls(subject)}`);
}

/** One line for each file: what happened to it and how many lines. */
export function fileLines(files: readonly FileChange[], untracked: readonly RawPath[] = []): string[] {
  const changed = files.map(({ status, path, oldPath, added, deleted }) => {
    const name = oldPath === undefined ? showPath(path) : `${showPath(oldPath)} -> ${showPath(path)}`;
    const lines = added === undefined ? "binary" : `+${String(added)} -${String(deleted ?? 0)}`;
    return `${LETTERS[status]} ${name}  ${lines}`;
  });
  return [...changed, ...untracked.map((path) => `? ${showPath(path)}`)];
}

/** `3 files +10 -2` */
export function countFiles(files: readonly FileChange[]): string {
  const sum = (key: "added" | "deleted") => files.reduce((total, file) => total + (file[key] ?? 0), 0);
  const what = files.length === 1 ? "1 file" : `${String(files.length)} files`;
  return `${what} +${String(sum("added"))} -${String(sum("deleted"))}`;
}

export function countCommits(count: number): string {
  return count === 1 ? "1 commit" : `${String(count)} commits`;
}

/** Files in a JSON document; null lines mean a binary file. */
export function filesData(files: readonly FileChange[]) {
  return files.map(({ path, oldPath, status, added, deleted }) => ({
    path: pathText(path),
    oldPath: oldPath === undefined ? null : pathText(oldPath),
    status,
    added: added ?? null,
    deleted: deleted ?? null,
  }));
}
