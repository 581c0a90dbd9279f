import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { CheckoutOptions, CheckoutReport } from "../../app/ports.js";
import { DevkitError } from "../../base/errors.js";
import { carryFiles } from "./carried-files.js";
import { readDirectory } from "./directory-kind.js";
import { withoutFilters } from "./filters.js";
import { hideGitlinks } from "./hide-gitlinks.js";
import { checkoutLfs } from "./lfs-checkout.js";
import { checkoutModules } from "./module-checkout.js";
import { clearStaleLocks } from "./orphans.js";
import { fetchingOnce } from "./partial-clone.js";
import { createGit, type RunGit } from "./run-git.js";
import { findAdminDir } from "./worktree-admin.js";

/** In the worktree's admin dir from before the first file until after the last. */
const UNFINISHED = "devkit-unfinished";

const OWN_FILES: CheckoutOptions = { trusted: true, modules: true, carried: undefined };

/**
 * The first checkout of a worktree: what git has, then the submodules, then what git does not carry. `inTurn` runs jobs
 * one after another.
 */
export async function checkoutWhole(
  { root, commonDir }: { root: string; commonDir: string },
  worktree: string,
  inTurn: <T>(job: () => Promise<T>) => Promise<T>,
  { trusted, modules, carried }: CheckoutOptions = OWN_FILES,
): Promise<CheckoutReport> {
  const admin = await findAdminDir(commonDir, worktree);
  if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
  // git takes the index's lock before it writes the first file: files without either mark are no checkout's.
  const wasBegun = isUnfinished(admin) || existsSync(path.join(admin, "index.lock"));
  const isOwn = wasBegun || readDirectory(worktree) !== "files";
  await clearStaleLocks(worktree, admin);
  if (isOwn) await writeFile(path.join(admin, UNFINISHED), "");
  const filters = trusted ? [] : await withoutFilters(createGit(root));
  const workers = `checkout.workers=${String(Math.max(2, availableParallelism()))}`;
  const flags = ["--hard", "--quiet", "--no-recurse-submodules"];
  const git = createGit(worktree);
  const fetched = await fetchingOnce(createGit(root, admin), inTurn, () =>
    isOwn ? git("-c", workers, ...filters, "reset", ...flags) : fillIn(git, filters),
  );
  await checkoutLfs(createGit(root), commonDir, worktree);
  if (modules) await hideGitlinks(root, admin);
  const missingModules = modules ? await checkoutModules(commonDir, worktree, admin, filters) : [];
  const notCarried = carried === undefined ? [] : await carryFiles(root, worktree, carried.paths);
  await rm(path.join(admin, UNFINISHED), { force: true });
  return { missingModules, notCarried, fetched };
}

/** Writes the files of HEAD that are missing, and not one that is there. */
async function fillIn(git: RunGit, filters: readonly string[]): Promise<string> {
  await git("read-tree", "HEAD");
  // It fails for every file that is there, which is what keeps it from being overwritten.
  return git(...filters, "checkout-index", "--all", "--quiet").catch(async (error: unknown) => {
    if ((await git("ls-files", "--deleted")) !== "") throw error;
    return "";
  });
}

/** Whether a first checkout was begun and not finished. */
export function isUnfinished(admin: string): boolean {
  return existsSync(path.join(admin, UNFINISHED));
}
