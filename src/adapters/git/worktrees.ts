import { lstat, mkdir, opendir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { AddWorktree, WorktreeFiles, Worktrees } from "../../app/ports.js";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { parseWorktreeList } from "../../domain/custody/worktree-list.js";
import { adoptWorktree } from "./adopt-worktree.js";
import { listCarried } from "./carried-files.js";
import { checkoutWhole, isUnfinished } from "./checkout.js";
import { withoutFilters } from "./filters.js";
import { findModuleCheckouts } from "./module-checkout.js";
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
    checkout: (worktree, options) => checkoutWhole(places, worktree, oneAtATime, options),
    async findModuleCheckouts(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      return admin === undefined ? [] : findModuleCheckouts(commonDir, admin);
    },
    listCarried: (patterns) => listCarried(root, patterns),
    async reindex(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
      await clearStaleLocks(worktree, admin);
      await createGit(root, admin)("read-tree", "HEAD");
    },
    async status(worktree) {
      const inside = createGit(worktree, undefined, PATIENCE_MS);
      const flags = ["--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all"];
      // What is asked of the settings is the user's: of an agent's files git reads none for that.
      const filters = await withoutFilters(git);
      return parseStatus(await inside("--no-optional-locks", ...filters, "status", ...flags));
    },
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
  const [index, unfinished] = await Promise.all([
    findIndex(commonDir, worktree),
    isUnfinished(commonDir, worktree),
  ]);
  const files = {
    directory,
    linked: linkedAdmin !== undefined,
    checkedOut: index !== undefined && !unfinished,
  };
  return unfinished ? { ...files, unfinished } : files;
}

/** git writes the index last, so its presence says that its own part of the checkout ran to its end. */
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
