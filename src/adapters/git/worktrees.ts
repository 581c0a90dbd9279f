import { lstat, mkdir, opendir, rm, rmdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { AddWorktree, WorktreeFiles, Worktrees } from "../../app/ports.js";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { parseWorktreeList } from "../../domain/custody/worktree-list.js";
import { adoptWorktree } from "./adopt-worktree.js";
import { clearStaleLocks } from "./orphans.js";
import { createGit, type RunGit } from "./run-git.js";
import { parseStatus } from "./status.js";
import { findAdminDir, findLinkedAdminDir } from "./worktree-admin.js";

/** For git where an agent has been; a status of 100,000 files takes a second. */
const PATIENCE_MS = 15_000;

/** Worktrees made by `git worktree add`. */
export function createGitWorktrees(places: { root: string; commonDir: string }): Worktrees {
  const { root, commonDir } = places;
  const git = createGit(root);
  // In git 2.39 parallel adds fail up to 40 % of the time; registering alone takes 10 ms.
  const oneAtATime = createLimiter(1);

  const list = async () => parseWorktreeList(await git("worktree", "list", "--porcelain", "-z"));

  return {
    list,
    inspect: (worktree) => inspectWorktree(commonDir, worktree),
    findIndex: (worktree) => findIndex(commonDir, worktree),
    add: (request) =>
      oneAtATime(async () => {
        await prepareDirectory(request.worktree);
        const known = (await findAdminDir(commonDir, request.worktree)) !== undefined;
        return addWorktree(git, request, known);
      }),
    adopt: (request) => oneAtATime(() => adoptWorktree(git, commonDir, request)),
    repair: (worktree) => oneAtATime(() => repairWorktree(git, commonDir, worktree)),
    async checkout(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      if (admin !== undefined) await clearStaleLocks(worktree, admin);
      const workers = `checkout.workers=${String(Math.max(2, availableParallelism()))}`;
      await createGit(worktree)("-c", workers, "reset", "--hard", "--quiet", "--no-recurse-submodules");
    },
    async reindex(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
      await clearStaleLocks(worktree, admin);
      await createGit(root, admin)("read-tree", "HEAD");
    },
    async status(worktree) {
      const inside = createGit(worktree, undefined, PATIENCE_MS);
      const flags = ["--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all"];
      return parseStatus(await inside("--no-optional-locks", "status", ...flags));
    },
    unregister: (worktree) =>
      oneAtATime(async () => {
        if (!(await list()).some((entry) => entry.path === worktree)) return;
        await git("worktree", "remove", "-f", "-f", worktree);
      }),
  };
}

/** Registers the worktree; the branch is made at `start` unless it exists. `known`: git still lists a lost one there. */
export async function addWorktree(git: RunGit, request: AddWorktree, known: boolean): Promise<boolean> {
  const force = known ? ["-f", "-f"] : [];
  const flags = [...force, "--no-checkout", "--lock", "--reason", request.reason];
  if (request.branch === undefined) {
    await git("worktree", "add", ...flags, "--detach", request.worktree, request.start);
    return false;
  }
  const existing = `refs/heads/${request.branch}`;
  try {
    const fresh = ["--no-track", "-b", request.branch, request.worktree, request.start];
    await git("worktree", "add", ...flags, ...fresh);
    return true;
  } catch (error) {
    const found = (await git("for-each-ref", "--format=%(refname)", existing)).trim() === existing;
    if (!isDevkitError(error) || error.code !== "E_GIT" || !found) throw error;
    await git("worktree", "add", ...flags, request.worktree, request.branch);
    return false;
  }
}

/** git repairs every worktree it knows and fails for those it cannot, so what counts is whether this one is whole. */
async function repairWorktree(git: RunGit, commonDir: string, worktree: string): Promise<void> {
  let cause: unknown;
  await git("worktree", "repair").catch((error: unknown) => {
    cause = error;
  });
  if ((await findLinkedAdminDir(commonDir, worktree)) !== undefined) return;
  throw new DevkitError("E_GIT", `git cannot repair the worktree ${worktree}`, {
    hint: `see what it says: git worktree repair ${worktree}`,
    cause,
  });
}

/** Makes room for `git worktree add`: a directory that holds nothing but a stale `.git` file goes. */
async function prepareDirectory(worktree: string): Promise<void> {
  await mkdir(path.dirname(worktree), { recursive: true });
  const before = await readDirectory(worktree);
  if (before === "absent") return;
  if (before === "files") {
    throw new DevkitError("E_WORK_IN_THE_WAY", `${worktree} is not empty`, {
      hint: `look at it: ls -la ${worktree}`,
    });
  }
  await rm(path.join(worktree, ".git"), { force: true });
  await rmdir(worktree);
}

async function inspectWorktree(commonDir: string, worktree: string): Promise<WorktreeFiles> {
  const [directory, linkedAdmin] = await Promise.all([
    readDirectory(worktree),
    findLinkedAdminDir(commonDir, worktree),
  ]);
  const checkedOut = (await findIndex(commonDir, worktree)) !== undefined;
  return { directory, linked: linkedAdmin !== undefined, checkedOut };
}

/** git writes the index last, so its presence says that the checkout ran to its end. */
async function findIndex(commonDir: string, worktree: string): Promise<string | undefined> {
  const admin = await findAdminDir(commonDir, worktree);
  if (admin === undefined) return undefined;
  const file = path.join(admin, "index");
  return lstat(file).then(
    () => file,
    () => undefined,
  );
}

/** `empty` also when there is nothing but `.git`. */
async function readDirectory(directory: string): Promise<WorktreeFiles["directory"]> {
  try {
    for await (const entry of await opendir(directory)) {
      if (entry.name !== ".git") return "files";
    }
    return "empty";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return "absent";
    // Not a directory, or an agent has closed it to its own user: there is something, and it is not ours to judge.
    if (code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return "files";
    throw error;
  }
}
