import { lstat, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { MODE, type RawChange } from "../../domain/custody/file-changes.js";
import type { RawPath } from "../../domain/custody/raw-path.js";
import type { RawGit } from "./raw-git.js";

/**
 * What a file of a worktree is, seen from a move between two commits: as before, as after, gone or cut off while it was
 * written (both hold nothing of anybody's), or something else, which is somebody's work.
 */
export type FileState = "old" | "new" | "gone" | "partial" | "foreign";

/** Compares the files of a worktree with both ends of a move, the way git does: filters and modes count. */
export async function findFileStates(
  git: RawGit,
  worktree: string,
  changes: readonly RawChange[],
): Promise<Map<RawPath, FileState>> {
  const [notOld, notNew] = await Promise.all([
    differing(
      git,
      changes.map(({ path: file, oldMode, oldOid }) => ({ file, mode: oldMode, oid: oldOid })),
    ),
    differing(
      git,
      changes.map(({ path: file, newMode, newOid }) => ({ file, mode: newMode, oid: newOid })),
    ),
  ]);
  const states = new Map<RawPath, FileState>();
  for (const change of changes) {
    states.set(change.path, await stateOf(git, worktree, change, { notOld, notNew }));
  }
  return states;
}

async function stateOf(
  git: RawGit,
  worktree: string,
  change: RawChange,
  { notOld, notNew }: { notOld: ReadonlySet<RawPath>; notNew: ReadonlySet<RawPath> },
): Promise<FileState> {
  if ([change.oldMode, change.newMode].includes(MODE.gitlink)) return "old";
  const kind = await kindOf(bytesPath(worktree, change.path));
  const [isAdded, isDeleted] = [change.oldMode === MODE.absent, change.newMode === MODE.absent];
  if (kind === "absent") return isAdded ? "old" : isDeleted ? "new" : "gone";
  if (!isDeleted && !notNew.has(change.path)) return "new";
  if (!isAdded && !notOld.has(change.path)) return "old";
  return kind === "file" && !isDeleted && (await isPrefix(git, worktree, change)) ? "partial" : "foreign";
}

/** Whether the file holds nothing but the beginning of what it was to hold: what a killed write leaves. */
async function isPrefix(
  git: RawGit,
  worktree: string,
  { path: file, newMode, newOid }: RawChange,
): Promise<boolean> {
  if (newMode === MODE.symlink || newMode === MODE.gitlink) return false;
  const found = (await readFile(bytesPath(worktree, file))).toString("latin1");
  if (found === "") return true;
  return (await git(["cat-file", "blob", newOid])).stdout.startsWith(found);
}

/** Which of these entries the files differ from, by an index of their own. */
async function differing(
  git: RawGit,
  entries: readonly { file: RawPath; mode: string; oid: string }[],
): Promise<ReadonlySet<RawPath>> {
  const directory = await mkdtemp(path.join(tmpdir(), "devkit-index-"));
  try {
    const env = { GIT_INDEX_FILE: path.join(directory, "index") };
    const there = entries.filter(({ mode }) => mode !== MODE.absent);
    const input = there.map(({ file, mode, oid }) => `${mode} ${oid}\t${file}\0`).join("");
    await git(["update-index", "-z", "--index-info"], { env, input });
    // 1: something differs, which is what is asked.
    await git(["update-index", "-q", "--refresh", "--ignore-submodules"], { env, answers: [0, 1] });
    const flags = ["-z", "--name-only", "--no-renames", "--ignore-submodules=all"];
    const { stdout } = await git(["diff-files", ...flags], { env });
    return new Set(stdout.split("\0").filter((name) => name !== ""));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A path below a directory, for file operations: names need not be text. */
export function bytesPath(worktree: string, file: RawPath): Buffer {
  return Buffer.concat([Buffer.from(`${worktree}/`, "utf8"), Buffer.from(file, "latin1")]);
}

async function kindOf(file: Buffer): Promise<"absent" | "file" | "other"> {
  try {
    const info = await lstat(file);
    // What is in a directory has paths of its own.
    return info.isDirectory() ? "absent" : info.isFile() ? "file" : "other";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return "absent";
    throw error;
  }
}
