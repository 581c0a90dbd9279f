import { readdir } from "node:fs/promises";
import path from "node:path";
import { isWithin } from "../../domain/custody/mounts.js";
import { readHostileFile } from "../fs/atomic-file.js";

/** Finds git's own directory for a linked worktree (`<common>/worktrees/<id>`), which need not have its name. */
export async function findAdminDir(commonDir: string, worktree: string): Promise<string | undefined> {
  return findLinkedAdminDir(commonDir, worktree) ?? (await searchAdminDirs(commonDir, worktree));
}

/** The admin dir the worktree's `.git` file points at; undefined when the file is missing or leads elsewhere. */
export function findLinkedAdminDir(commonDir: string, worktree: string): string | undefined {
  const text = readSmallFile(path.join(worktree, ".git"));
  const target = /^gitdir: (.+)\n?$/.exec(text ?? "")?.[1];
  if (target === undefined) return undefined;
  const admin = path.resolve(worktree, target);
  if (!isWithin(admin, path.join(commonDir, "worktrees"))) return undefined;
  // The pointer back has to agree: a .git file that names another worktree's git dir must not be followed.
  const back = readSmallFile(path.join(admin, "gitdir"));
  return back?.trimEnd() === path.join(worktree, ".git") ? admin : undefined;
}

/** Whether the directory's `.git` file names a linked git dir of this repository, which may be gone. */
export function namesRepository(commonDir: string, worktree: string): boolean {
  const text = readSmallFile(path.join(worktree, ".git"));
  const target = /^gitdir: (.+)\n?$/.exec(text ?? "")?.[1];
  return target !== undefined && isWithin(path.resolve(worktree, target), path.join(commonDir, "worktrees"));
}

/** Whether devkit registered the worktree for this agent, or did and somebody unlocked it since. */
export function isLockedFor(admin: string, reason: string): boolean {
  const [locked, head] = ["locked", "HEAD"].map((name) => readSmallFile(path.join(admin, name)));
  const branches = `ref: refs/heads/agent/${reason.replace(/^devkit /, "")}/`;
  return locked?.trimEnd() === reason || head?.startsWith(branches) === true;
}

async function searchAdminDirs(commonDir: string, worktree: string): Promise<string | undefined> {
  const parent = path.join(commonDir, "worktrees");
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const text = readSmallFile(path.join(parent, name, "gitdir"));
    if (text?.trimEnd() === path.join(worktree, ".git")) return path.join(parent, name);
  }
  return undefined;
}

const SMALL = 16_384;

function readSmallFile(file: string): string | undefined {
  try {
    return readHostileFile(file, SMALL);
  } catch {
    return undefined;
  }
}
