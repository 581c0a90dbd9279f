import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { AddWorktree } from "../../app/ports.js";
import { DevkitError } from "../../base/errors.js";
import { parseWorktreeList } from "../../domain/custody/worktree-list.js";
import { readTreeHidden } from "./hide-gitlinks.js";
import { findLinkedAdminDir } from "./worktree-admin.js";
import type { RunGit } from "./run-git.js";
import { addWorktree } from "./worktrees.js";

/**
 * Registers a directory full of files that git has forgotten. git itself only adds empty directories, so a worktree is
 * registered beside it, then the registration is moved over, which is what `git worktree repair` is for. Not one of
 * the files is touched.
 */
export async function adoptWorktree(git: RunGit, commonDir: string, request: AddWorktree): Promise<void> {
  const parent = path.dirname(request.worktree);
  await removeLeftovers(git, parent);
  const aside = await mkdtemp(path.join(parent, ".adopt-"));
  const temporary = path.join(aside, path.basename(request.worktree));
  try {
    await addWorktree(git, { ...request, worktree: temporary }, false);
    const admin = findLinkedAdminDir(commonDir, temporary);
    if (admin === undefined) throw new DevkitError("E_GIT", `git did not register ${temporary}`);
    // The index first: a worktree without one would be taken for an unfinished checkout. It says what is committed; files
    // that differ show as changed.
    await readTreeHidden(parent, admin);
    await copyFile(path.join(temporary, ".git"), path.join(request.worktree, ".git"));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  await git("worktree", "repair", request.worktree);
}

/** What a killed run left: registrations and directories under our own prefix. */
async function removeLeftovers(git: RunGit, parent: string): Promise<void> {
  const prefix = path.join(parent, ".adopt-");
  const entries = parseWorktreeList(await git("worktree", "list", "--porcelain", "-z"));
  for (const entry of entries.filter((one) => one.path.startsWith(prefix))) {
    await git("worktree", "remove", "-f", "-f", entry.path);
  }
  const names = (await readdir(parent)).filter((name) => name.startsWith(".adopt-"));
  await Promise.all(names.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
}
