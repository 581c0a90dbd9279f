import { lstat, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { isWithin } from "../../domain/custody/mounts.js";

/** Finds git's own directory for a linked worktree (`<common>/worktrees/<id>`), which need not have its name. */
export async function findAdminDir(commonDir: string, worktree: string): Promise<string | undefined> {
  return (await findLinkedAdminDir(commonDir, worktree)) ?? (await searchAdminDirs(commonDir, worktree));
}

/** The admin dir the worktree's `.git` file points at; undefined when the file is missing or leads elsewhere. */
export async function findLinkedAdminDir(commonDir: string, worktree: string): Promise<string | undefined> {
  const text = await readSmallFile(path.join(worktree, ".git"));
  const target = /^gitdir: (.+)\n?$/.exec(text ?? "")?.[1];
  if (target === undefined) return undefined;
  const admin = path.resolve(worktree, target);
  if (!isWithin(admin, path.join(commonDir, "worktrees"))) return undefined;
  // The pointer back has to agree: a .git file that names another worktree's git dir must not be followed.
  const back = await readSmallFile(path.join(admin, "gitdir"));
  return back?.trimEnd() === path.join(worktree, ".git") ? admin : undefined;
}

/** Whether the directory's `.git` file names a linked git dir of this repository, which may be gone. */
export async function namesRepository(commonDir: string, worktree: string): Promise<boolean> {
  const text = await readSmallFile(path.join(worktree, ".git"));
  const target = /^gitdir: (.+)\n?$/.exec(text ?? "")?.[1];
  return target !== undefined && isWithin(path.resolve(worktree, target), path.join(commonDir, "worktrees"));
}

/** Whether devkit registered the worktree for this agent, or did and somebody unlocked it since. */
export async function isLockedFor(admin: string, reason: string): Promise<boolean> {
  const [locked, head] = await Promise.all(
    ["locked", "HEAD"].map((name) => readSmallFile(path.join(admin, name))),
  );
  const branches = `ref: refs/heads/agent/${reason.replace(/^devkit /, "")}/`;
  return locked?.trimEnd() === reason || head?.startsWith(branches) === true;
}

async function searchAdminDirs(commonDir: string, worktree: string): Promise<string | undefined> {
  const parent = path.join(commonDir, "worktrees");
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const text = await readSmallFile(path.join(parent, name, "gitdir"));
    if (text?.trimEnd() === path.join(worktree, ".git")) return path.join(parent, name);
  }
  return undefined;
}

async function readSmallFile(file: string): Promise<string | undefined> {
  try {
    const info = await lstat(file);
    return info.isFile() && info.size <= 16_384 ? await readFile(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
