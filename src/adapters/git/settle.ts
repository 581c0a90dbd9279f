import { rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import type { Settled } from "../../app/ports-merging.js";
import { MODE, parseRawChanges, type RawChange } from "../../domain/custody/file-changes.js";
import type { MergeJournal } from "../../domain/custody/merge.js";
import type { RawPath } from "../../domain/custody/raw-path.js";
import { bytesPath, findFileStates, type FileState } from "./file-states.js";
import { clearStaleLocks } from "./orphans.js";
import { hasEntry } from "../fs/has-entry.js";
import { isThere } from "../fs/project-dir.js";
import { createRawGit, type RawGit } from "./raw-git.js";

/**
 * Ends a fast-forward that was cut off. git writes files first, then the index, then the branch: while the branch is at
 * its old commit, every file between the two commits is old, new, gone or cut off, unless somebody else wrote it.
 */
export async function settleFastForward(
  journal: MergeJournal,
  direction: "finish" | "undo",
): Promise<Settled> {
  const { worktree, ref, from, to } = journal;
  if (!isThere(worktree)) return { outcome: "moved", left: [] };
  const git = createRawGit(worktree);
  await clearLocks(git, journal);
  const current = await git(["rev-parse", "--verify", "-q", ref], { answers: [0, 1] });
  const head = await git(["symbolic-ref", "-q", "HEAD"], { answers: [0, 1] });
  const at = current.stdout.trim();
  if (at === to) return { outcome: "finished", left: [] };
  const raw = await git(["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]);
  const changes = parseRawChanges(raw.stdout);
  const states = await findFileStates(git, worktree, changes);
  if (at !== from || head.stdout.trim() !== ref) {
    return {
      outcome: "moved",
      left: [...states].filter(([, state]) => state !== "old").map(([file]) => file),
    };
  }
  const left = pathsIn(states, "foreign");
  // Of a submodule's commit nothing can be told: only the index has it.
  const isBegun = changes.some(
    ({ path: file, oldMode, newMode }) =>
      [oldMode, newMode].includes(MODE.gitlink) || !["old", "foreign"].includes(states.get(file) ?? ""),
  );
  if (!isBegun) return { outcome: "untouched", left };
  const kept = await bring({ git, worktree, changes, states }, direction === "undo" ? "old" : "new");
  if (direction === "undo") return { outcome: "undone", left: [...left, ...kept] };
  await git(["update-ref", "-m", `devkit agent merge ${journal.agent}: finished`, ref, to, from]);
  return { outcome: "finished", left: [...left, ...kept] };
}

/** The locks of a git that was killed, in the order it takes them. */
async function clearLocks(git: RawGit, { worktree, ref }: MergeJournal): Promise<void> {
  const { stdout } = await git([
    "rev-parse",
    "--absolute-git-dir",
    "--path-format=absolute",
    "--git-path",
    ref,
  ]);
  const [gitDir = "", refFile = ""] = Buffer.from(stdout, "latin1").toString("utf8").split("\n");
  await clearStaleLocks(worktree, gitDir, ["index.lock", "HEAD.lock", "ORIG_HEAD.lock"]);
  // A branch whose ref is packed has no directory of its own.
  if (isThere(path.dirname(refFile))) {
    await clearStaleLocks(worktree, path.dirname(refFile), [`${path.basename(refFile)}.lock`]);
  }
}

function pathsIn(states: ReadonlyMap<RawPath, FileState>, wanted: FileState): RawPath[] {
  return [...states].filter(([, state]) => state === wanted).map(([file]) => file);
}

interface Scene {
  readonly git: RawGit;
  readonly worktree: string;
  readonly changes: readonly RawChange[];
  readonly states: ReadonlyMap<RawPath, FileState>;
}

/**
 * Brings the index and every file that is not somebody else's to one end; answers the files that could not be written
 * because something stands there.
 */
async function bring({ git, worktree, changes, states }: Scene, end: "old" | "new"): Promise<RawPath[]> {
  const sparse = await listSparse(git);
  const wanted = changes.map(({ path: file, ...change }) => ({
    file,
    mode: end === "old" ? change.oldMode : change.newMode,
    oid: end === "old" ? change.oldOid : change.newOid,
    isGitlink: [change.oldMode, change.newMode].includes(MODE.gitlink),
  }));
  await setIndex(git, wanted, sparse);
  const written = wanted.filter(
    ({ file, isGitlink }) =>
      !isGitlink && !sparse.has(file) && ![end, "foreign"].includes(states.get(file) ?? ""),
  );
  for (const { file, mode } of written) {
    // A directory stays: what is in it has paths of its own.
    await unlink(bytesPath(worktree, file)).catch(() => undefined);
    if (mode === MODE.absent) await removeEmptyParents(worktree, file);
  }
  const [free, kept]: [RawPath[], RawPath[]] = [[], []];
  for (const { file, mode } of written) {
    if (mode === MODE.absent) continue;
    ((await hasEntry(bytesPath(worktree, file))) ? kept : free).push(file);
  }
  // Without -f: what stands there by now is not ours to replace.
  await git(["checkout-index", "-u", "-z", "--stdin"], { input: free.map((file) => `${file}\0`).join("") });
  return kept;
}

/** Paths that a sparse checkout leaves out. */
async function listSparse(git: RawGit): Promise<ReadonlySet<RawPath>> {
  const records = (await git(["ls-files", "-t", "-z"])).stdout.split("\0");
  return new Set(records.filter((record) => record.startsWith("S ")).map((record) => record.slice(2)));
}

async function setIndex(
  git: RawGit,
  entries: readonly { file: RawPath; mode: string; oid: string }[],
  sparse: ReadonlySet<RawPath>,
): Promise<void> {
  // Removals first: a file may have to make room for a directory of its name.
  const removed = entries.filter(({ mode }) => mode === MODE.absent);
  const set = entries.filter(({ mode }) => mode !== MODE.absent);
  const input = [...removed, ...set].map(
    ({ file, mode, oid }) => `${mode === MODE.absent ? "0" : mode} ${oid}\t${file}\0`,
  );
  await git(["update-index", "-z", "--index-info"], { input: input.join("") });
  const left = set.filter(({ file }) => sparse.has(file)).map(({ file }) => `${file}\0`);
  if (left.length > 0) {
    await git(["update-index", "--skip-worktree", "-z", "--stdin"], { input: left.join("") });
  }
  await git(["update-index", "-q", "--refresh", "--ignore-submodules"], { answers: [0, 1] });
}

async function removeEmptyParents(worktree: string, file: RawPath): Promise<void> {
  for (let parent = path.posix.dirname(file); parent !== "."; parent = path.posix.dirname(parent)) {
    try {
      await rmdir(bytesPath(worktree, parent));
    } catch {
      return;
    }
  }
}
