import { existsSync } from "node:fs";
import { mkdir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { AddWorktree, WorktreeFiles, Worktrees, WorktreeStatus } from "../../app/ports.js";
import { createLimiter } from "../../base/concurrency.js";
import { once } from "../../base/once.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { parseWorktreeList, type WorktreeRecord } from "../../domain/custody/worktree-list.js";
import { adoptWorktree } from "./adopt-worktree.js";
import { listCarried } from "./carried-files.js";
import { checkoutWhole, isUnfinished } from "./checkout.js";
import { readDirectory } from "./directory-kind.js";
import { hasEntry } from "../fs/has-entry.js";
import { withoutFilters } from "./filters.js";
import { findModuleCheckouts } from "./module-checkout.js";
import { findEmbedded, hideGitlinks, indexForAgent, readTreeHidden } from "./hide-gitlinks.js";
import { clearStaleLocks } from "./orphans.js";
import { createGit, type RunGit } from "./run-git.js";
import { parseStatus } from "./status.js";
import { findAdminDir, findLinkedAdminDir, isLockedFor, namesRepository } from "./worktree-admin.js";
import { findUnfinished } from "./worktree-care.js";

interface Places {
  readonly root: string;
  readonly commonDir: string;
}

/** For git where an agent has been; a status of 100,000 files takes a second. */
const PATIENCE_MS = 15_000;

/** Worktrees made by `git worktree add`. */
export function createGitWorktrees(places: Places): Worktrees {
  const { root, commonDir } = places;
  const git = createGit(root);
  // In git 2.39 parallel adds fail up to 40 % of the time; registering alone takes 10 ms.
  const oneAtATime = createLimiter(1);
  // The user's settings: none of an agent's files is read for them.
  const filters = once(() => withoutFilters(git));
  const list = async () => parseWorktreeList(await git("worktree", "list", "--porcelain", "-z"));
  return {
    list,
    inspect: (worktree) => inspectWorktree(commonDir, worktree),
    findIndex: (worktree) => findIndex(places, worktree),
    add: (request) =>
      oneAtATime(async () => {
        await prepareDirectory(places, request);
        const known = (await findAdminDir(commonDir, request.worktree)) !== undefined;
        return addWorktree(git, request, known);
      }),
    adopt: (request) =>
      oneAtATime(async () => {
        await refuseForeign(places, request);
        await adoptWorktree(git, commonDir, request);
      }),
    repair: (worktree) => oneAtATime(() => repairWorktree(git, commonDir, worktree)),
    checkout: (worktree, options) => checkoutWhole(places, worktree, oneAtATime, options),
    async findModuleCheckouts(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      return admin === undefined ? [] : findModuleCheckouts(commonDir, admin);
    },
    listCarried: (patterns) => listCarried(root, patterns),
    async reindex(worktree) {
      const admin = await requireAdminDir(commonDir, worktree);
      await clearStaleLocks(worktree, admin);
      await readTreeHidden(root, admin);
    },
    async hideModules(worktree) {
      await hideGitlinks(root, await requireAdminDir(commonDir, worktree));
    },
    findEmbedded: async (worktree) => findEmbedded(root, await findAdminDir(commonDir, worktree), worktree),
    status: async (worktree) => statusOf(worktree, await filters()),
    isForgotten: (worktree) => isForgotten(commonDir, worktree),
    findUnfinished: (worktree) => findUnfinished(commonDir, worktree),
    switchBranch: (worktree, branch, start) => switchBranch(createGit(worktree), branch, start),
    async attach(worktree, ref) {
      const admin = await requireAdminDir(commonDir, worktree);
      await createGit(root, admin)("symbolic-ref", "-m", "devkit: an agent moves in", "HEAD", ref);
    },
    unregister: (worktree) => oneAtATime(async () => unregister(git, await list(), worktree)),
  };
}

async function switchBranch(git: RunGit, branch: string, start: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const isThere = (await git("for-each-ref", "--format=%(refname)", ref)).trim() === ref;
  const fresh = isThere ? [branch] : ["--no-track", "-b", branch, start];
  await git("checkout", "-q", "--no-overwrite-ignore", ...fresh, "--");
}

async function unregister(git: RunGit, list: readonly WorktreeRecord[], worktree: string): Promise<void> {
  if (list.some((entry) => entry.path === worktree)) await git("worktree", "remove", "-f", "-f", worktree);
}

async function requireAdminDir(commonDir: string, worktree: string): Promise<string> {
  const admin = await findAdminDir(commonDir, worktree);
  if (admin !== undefined) return admin;
  throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
}

async function statusOf(worktree: string, filters: readonly string[]): Promise<WorktreeStatus> {
  const inside = createGit(worktree, undefined, PATIENCE_MS);
  const flags = ["--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all"];
  return parseStatus(await inside("--no-optional-locks", ...filters, "status", ...flags));
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
  if (findLinkedAdminDir(commonDir, worktree) !== undefined) return;
  throw new DevkitError("E_GIT", `git cannot repair the worktree ${worktree}`, {
    hint: `see what it says: git worktree repair ${worktree}`,
    cause,
  });
}

/** Makes room for `git worktree add`: a directory that holds nothing but a stale `.git` file goes. */
async function prepareDirectory(places: Places, request: AddWorktree): Promise<void> {
  const { worktree } = request;
  await mkdir(path.dirname(worktree), { recursive: true });
  const before = readDirectory(worktree);
  if (before === "files") {
    throw new DevkitError("E_WORK_IN_THE_WAY", `${worktree} is not empty`, {
      hint: `look at it: ls -la ${shellWord(worktree)}`,
    });
  }
  await refuseForeign(places, request);
  if (before === "absent") return;
  await rm(path.join(worktree, ".git"), { force: true });
  await rmdir(worktree);
}

/** In `.devkit` everything is devkit's; elsewhere only what says that it belongs to this repository and agent. */
async function refuseForeign({ root, commonDir }: Places, { worktree, reason }: AddWorktree): Promise<void> {
  if (isWithin(worktree, path.join(root, ".devkit"))) return;
  const admin = await findAdminDir(commonDir, worktree);
  if (admin !== undefined && isLockedFor(admin, reason)) return;
  if (await isForgotten(commonDir, worktree)) return;
  // An empty directory is nobody's.
  const isBare = readDirectory(worktree) !== "files" && !(await hasEntry(path.join(worktree, ".git")));
  if (admin === undefined && isBare) return;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${worktree} is there already and is not devkit's`, {
    hint: `move it away, or if git lists it as a worktree, hand it over: git worktree lock --reason "${reason}" ${shellWord(worktree)}`,
  });
}

async function isForgotten(commonDir: string, worktree: string): Promise<boolean> {
  return namesRepository(commonDir, worktree) && (await findAdminDir(commonDir, worktree)) === undefined;
}

async function inspectWorktree(commonDir: string, worktree: string): Promise<WorktreeFiles> {
  const directory = readDirectory(worktree);
  const linked = findLinkedAdminDir(commonDir, worktree);
  const admin = linked ?? (await findAdminDir(commonDir, worktree));
  const unfinished = admin !== undefined && isUnfinished(admin);
  const checkedOut = admin !== undefined && existsSync(path.join(admin, "index")) && !unfinished;
  const files = { directory, linked: linked !== undefined, checkedOut };
  return unfinished ? { ...files, unfinished } : files;
}

/** git writes the index last, so its presence says that its own part of the checkout ran to its end. */
async function findIndex({ root, commonDir }: Places, worktree: string): Promise<string | undefined> {
  const admin = await findAdminDir(commonDir, worktree);
  return admin !== undefined && (await hasEntry(path.join(admin, "index")))
    ? indexForAgent(root, admin)
    : undefined;
}
