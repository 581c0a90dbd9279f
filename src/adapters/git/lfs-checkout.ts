import { isThere } from "../fs/project-dir.js";
import { findLfsStore } from "./lent-dirs.js";
import { createGit, type RunGit } from "./run-git.js";

/**
 * Replaces git-lfs pointers by the files that the primary's store has, and downloads nothing: a checkout would fetch
 * what is missing once for each worktree. What is not in the store stays a pointer.
 */
export async function checkoutLfs(git: RunGit, commonDir: string, worktree: string): Promise<void> {
  const { directory } = await findLfsStore(git, commonDir);
  if (!isThere(directory)) return;
  const command = await git("config", "--default=", "filter.lfs.clean");
  if (command.trim() !== "") await createGit(worktree)("lfs", "checkout");
}
