import { chmod, lstat, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";

/** By rename, so that it is in one place or the other. Nothing there any more: it was moved before. */
export async function moveDirectory(from: string, to: string): Promise<void> {
  const found = await lstat(from).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return;
  // A directory can only be moved by who may write in it, and an agent can close its worktree to its own user.
  if ((found.mode & 0o700) !== 0o700) await chmod(from, found.mode | 0o700);
  await makeRoom(to);
  await rename(from, to);
}

/** A directory that holds nothing but the `.git` file of a lost registration goes. */
async function makeRoom(target: string): Promise<void> {
  const names = await readdir(target).catch(() => []);
  if (names.length !== 1 || names[0] !== ".git") return;
  await rm(path.join(target, ".git"), { force: true });
  await rmdir(target);
}
