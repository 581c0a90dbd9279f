import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { hasEntry } from "../fs/has-entry.js";
import { parseWorktreeList } from "../../domain/custody/worktree-list.js";
import { createGit, type RunGit } from "./run-git.js";

/** The git dir of a submodule that the primary has initialised. */
export interface ModuleDir {
  /** Path below `<common>/modules`. */
  readonly at: string;
  readonly gitDir: string;
}

/** git on a submodule's git dir alone: where its files were may be gone. */
export function createModuleGit(gitDir: string): RunGit {
  return createGit(gitDir, gitDir, undefined, gitDir);
}

/** Branches of a submodule that the user, who may have worktrees of it, is on. */
export async function findCheckedOut(gitDir: string): Promise<ReadonlySet<string>> {
  const records = parseWorktreeList(await createModuleGit(gitDir)("worktree", "list", "--porcelain", "-z"));
  const branches = records.map(({ branch }) => branch).filter((branch) => branch !== undefined);
  return new Set(branches.map((branch) => `refs/heads/${branch}`));
}

/** A submodule's name can have slashes, and submodules have submodules. */
const MAX_DEPTH = 12;

/** The git dirs of the primary's submodules, those within others included, in order of their place. */
export async function findModuleDirs(commonDir: string): Promise<ModuleDir[]> {
  const root = path.join(commonDir, "modules");
  if (!existsSync(root)) return [];
  const found: ModuleDir[] = [];
  const visit = async (at: string, depth: number): Promise<void> => {
    const directory = path.join(root, at);
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const isModule = await isGitDir(directory, names);
    if (isModule) found.push({ at, gitDir: directory });
    const below = isModule ? names.filter((name) => name === "modules") : names.sort();
    if (depth < MAX_DEPTH) for (const name of below) await visit(path.join(at, name), depth + 1);
  };
  await visit("", 0);
  return found;
}

async function isGitDir(directory: string, names: readonly string[]): Promise<boolean> {
  if (!names.includes("objects") || !names.includes("refs")) return false;
  return hasEntry(path.join(directory, "HEAD"));
}
