import { lstat, readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Landing } from "../../app/ports-merging.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { MergeJournal, Obstacles } from "../../domain/custody/merge.js";
import type { RawPath } from "../../domain/custody/raw-path.js";
import { createMergeJournal } from "../fs/merge-journal.js";
import { isThere } from "../fs/project-dir.js";
import { bytesPath } from "./file-states.js";
import { clearStaleLocks } from "./orphans.js";
import { createRawGit, type RawGit } from "./raw-git.js";
import { settleFastForward } from "./settle.js";
import { parseStatusEntries } from "./status.js";

const KEEP = "refs/devkit/merge";
/** Longer than any git holds the lock of packed refs. */
const PACKED_LOCK_MS = 10_000;

/** Files of a git dir, and what goes on in its worktree while they are there. */
const OPERATIONS = [
  ["MERGE_HEAD", "a merge"],
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["sequencer", "a cherry-pick or revert"],
] as const;

/** Moves the user's branches by git itself; hooks do not run. */
export function createGitLanding(places: { root: string; commonDir: string; devkitDir: string }): Landing {
  const git = createRawGit(places.root);
  const journal = createMergeJournal(places.devkitDir);
  return {
    moveBranch: (request) => moveBranch(git, request),
    findUnfinished: (ref) => findUnfinished(places.commonDir, ref),
    obstacles: findObstacles,
    fastForward,
    settle: settleFastForward,
    readJournal: () => journal.read(),
    async writeJournal(entry) {
      await clearKeepLock(places);
      // Until the branch points at it, nothing else keeps the host's gc from the new commit.
      await git(["update-ref", KEEP, entry.to]);
      await journal.write(entry);
    },
    async removeJournal() {
      await journal.remove();
      // Looking takes no lock, and most of the time there is nothing to take away.
      const kept = await git(["rev-parse", "--verify", "-q", KEEP], { answers: [0, 1] });
      if (kept.stdout === "") return;
      await clearKeepLock(places);
      await clearPackedLock(places);
      await git(["update-ref", "-d", KEEP]);
    },
  };
}

/** Of a git that was killed: nobody else writes this ref, and only who holds the lock "merge" does. */
async function clearKeepLock({ root, commonDir }: { root: string; commonDir: string }): Promise<void> {
  const directory = path.join(commonDir, path.dirname(KEEP));
  if (isThere(directory)) await clearStaleLocks(root, directory, [`${path.basename(KEEP)}.lock`]);
}

/** Deleting a ref takes this one too. Any git of the user's may hold it, but only for a moment. */
async function clearPackedLock({ root, commonDir }: { root: string; commonDir: string }): Promise<void> {
  const name = "packed-refs.lock";
  const isFree = async () => {
    const found = await stat(path.join(commonDir, name)).catch(() => undefined);
    if (found === undefined) return true;
    if (Date.now() - found.mtimeMs < PACKED_LOCK_MS) return undefined;
    await clearStaleLocks(root, commonDir, [name]);
    return true;
  };
  await waitFor(isFree, { deadlineMs: 4 * PACKED_LOCK_MS, what: `${name} to be released` });
}

async function moveBranch(
  git: RawGit,
  { agent, ref, from, to }: Omit<MergeJournal, "worktree">,
): Promise<boolean> {
  try {
    await git(["update-ref", "-m", `devkit: merge ${agent}`, ref, to, from]);
    return true;
  } catch (error) {
    const current = await git(["rev-parse", "--verify", "-q", ref], { answers: [0, 1] });
    if (current.stdout.trim() !== from) return false;
    throw error;
  }
}

/** A rebase and a bisection leave their branch's name in the git dir of the worktree where they go on. */
async function findUnfinished(commonDir: string, ref: string): Promise<string | undefined> {
  const linked = path.join(commonDir, "worktrees");
  const names = await readdir(linked).catch(() => []);
  const dirs = [commonDir, ...names.map((name) => path.join(linked, name))];
  const short = ref.replace(/^refs\/heads\//, "");
  for (const dir of dirs) {
    for (const file of ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"]) {
      const text = await readFile(path.join(dir, file), "utf8").catch(() => "");
      if ([ref, short].includes(text.trim())) return file === "BISECT_START" ? "a bisection" : "a rebase";
    }
  }
  return undefined;
}

async function findObstacles(worktree: string, files: readonly RawPath[]): Promise<Obstacles> {
  const git = createRawGit(worktree);
  const gitDir = (await git(["rev-parse", "--absolute-git-dir"])).stdout.replace(/\n$/, "");
  const directory = Buffer.from(gitDir, "latin1").toString("utf8");
  for (const [file, operation] of OPERATIONS) {
    if (isThere(path.join(directory, file))) return { operation, files: [] };
  }
  if ((await git(["ls-files", "-u", "-z"])).stdout !== "") {
    return { operation: "unresolved conflicts", files: [] };
  }
  const flags = ["--porcelain", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all"];
  const { stdout } = await git(["--no-optional-locks", "status", ...flags]);
  const dirty = new Set(parseStatusEntries(stdout).map((entry) => entry.path));
  const tracked = new Set((await git(["ls-files", "-z"])).stdout.split("\0"));
  // Ignored files count: to git's own merge they would be nothing.
  const isInTheWay = async (file: RawPath) =>
    dirty.has(file) || (!tracked.has(file) && (await isFile(bytesPath(worktree, file))));
  const found = await Promise.all(files.map(async (file) => ((await isInTheWay(file)) ? [file] : [])));
  return { operation: undefined, files: found.flat() };
}

async function isFile(file: Buffer): Promise<boolean> {
  return lstat(file).then(
    (info) => !info.isDirectory(),
    () => false,
  );
}

/**
 * `git merge --ff-only` looks at everything first and then writes files, index and branch in this order. Settings of the
 * user's that would stash, verify, squash or go into submodules are off, and ignored files count as theirs.
 */
async function fastForward(journal: MergeJournal): Promise<void> {
  const git = createRawGit(journal.worktree);
  const head = (await git(["symbolic-ref", "-q", "HEAD"], { answers: [0, 1] })).stdout.trim();
  if (head !== journal.ref) {
    throw new DevkitError("E_GIT", `another branch was checked out in ${journal.worktree} meanwhile`, {
      hint: "nothing was changed; run the same command again",
    });
  }
  const flags = [
    "--ff-only",
    "--no-overwrite-ignore",
    "--no-autostash",
    "--no-squash",
    "--no-verify-signatures",
  ];
  const args = ["-c", "submodule.recurse=false", "merge", ...flags, "--no-stat", "--quiet", journal.to];
  try {
    await git(args, { env: { GIT_REFLOG_ACTION: `devkit agent merge ${journal.agent}` } });
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_GIT") throw error;
    const files = filesIn(String(error.details["output"]));
    if (files.length === 0) throw error;
    throw new DevkitError("E_WORK_IN_THE_WAY", error.message, { details: { files }, cause: error });
  }
}

/** git names what is in the way on lines of their own that begin with a tab. */
function filesIn(output: string): RawPath[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("\t"))
    .map((line) => Buffer.from(line.slice(1), "utf8").toString("latin1"));
}
