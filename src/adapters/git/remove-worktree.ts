import { randomBytes } from "node:crypto";
import { lstat, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { RemoveWorktree } from "../../app/ports-worktrees.js";
import { systemErrorCode } from "../../base/errors.js";
import type { RunGit } from "./run-git.js";

/** Directories that are on their way out have this prefix and stand beside where they stood. */
const LEAVING = ".devkit-removed-";

/**
 * Removes a worktree that was found to hold nothing of its own. Its branch goes to the trash first; then the directory is
 * renamed, so that a kill leaves either the whole worktree or a registration without a directory, which the next run
 * takes for what it is.
 */
export async function removeWorktree(git: RunGit, { worktree, branch }: RemoveWorktree): Promise<void> {
  const parent = path.dirname(worktree);
  if (branch !== undefined) await git("update-ref", branch.trash, branch.oid);
  const aside = path.join(parent, `${LEAVING}${randomBytes(6).toString("hex")}`);
  const wasThere = await isThere(worktree);
  if (wasThere) await rename(worktree, aside);
  try {
    // Only if it still is where it was looked at.
    if (branch !== undefined) await git("update-ref", "-d", branch.ref, branch.oid);
  } catch (error) {
    if (wasThere) await rename(aside, worktree);
    throw error;
  }
  await git("worktree", "remove", "-f", "-f", worktree);
  await sweep(parent);
}

/** Also what killed runs left. The directory that held it goes when that was all there was in it. */
async function sweep(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const leaving = names.filter((name) => name.startsWith(LEAVING));
  await Promise.all(leaving.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
  if (!/^agent\d+$/.test(path.basename(parent))) return;
  await rmdir(parent).catch((error: unknown) => {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(systemErrorCode(error) ?? "")) throw error;
  });
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (systemErrorCode(error) === "ENOENT") return false;
      throw error;
    },
  );
}
