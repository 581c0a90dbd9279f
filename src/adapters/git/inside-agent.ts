import { lstat, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { isAgentName } from "../../domain/agents/agent-name.js";

/** What a directory inside one of devkit's worktrees belongs to. */
export interface InsideAgent {
  readonly name: string;
  readonly worktree: string;
  /** The project, where that is known. */
  readonly root: string | undefined;
}

/**
 * Whether the directory lies in a worktree of devkit's, without running git there: a repository in it would be the
 * agent's own. Looks from the outside in, so that nothing an agent wrote is read before its worktree is recognised.
 */
export async function findInsideAgent(directory: string): Promise<InsideAgent | undefined> {
  const match = /^((.*)\/\.devkit\/agents\/([^/]+))(\/|$)/.exec(directory);
  if (match !== null) return { name: match[3] ?? "", worktree: match[1] ?? "", root: match[2] ?? "" };
  for (const ancestor of ancestorsOf(directory)) {
    const found = (await byPointer(ancestor)) ?? (await byNeighbour(ancestor));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `/a/b/c` → `/`, `/a`, `/a/b`, `/a/b/c`. */
function ancestorsOf(directory: string): string[] {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [...ancestorsOf(parent), directory];
}

/** Its `.git` file names a git dir that is locked in our name and names it in turn. */
async function byPointer(worktree: string): Promise<InsideAgent | undefined> {
  const target = pointerOf(await readSmall(path.join(worktree, ".git")));
  return target === undefined ? undefined : fromAdmin(path.resolve(worktree, target), worktree);
}

/** In a place of layout dev-root, even when its `.git` file is gone: the primary beside it knows it. */
async function byNeighbour(worktree: string): Promise<InsideAgent | undefined> {
  const parent = path.dirname(worktree);
  if (!/^agent[1-9]\d{0,3}$/.test(path.basename(parent))) return undefined;
  const primary = path.join(path.dirname(parent), path.basename(worktree));
  const pointer = pointerOf(await readSmall(path.join(primary, ".git")));
  const admins = path.join(path.resolve(primary, pointer ?? ".git"), "worktrees");
  for (const id of await readdir(admins).catch(() => [])) {
    const found = await fromAdmin(path.join(admins, id), worktree);
    if (found !== undefined) return { ...found, root: primary };
  }
  return undefined;
}

async function fromAdmin(admin: string, worktree: string): Promise<InsideAgent | undefined> {
  const [locked, back] = await Promise.all([
    readSmall(path.join(admin, "locked")),
    readSmall(path.join(admin, "gitdir")),
  ]);
  const name = /^devkit (.+)\n?$/.exec(locked ?? "")?.[1] ?? "";
  if (!isAgentName(name) || back?.trimEnd() !== path.join(worktree, ".git")) return undefined;
  const commonDir = path.dirname(path.dirname(admin));
  const root = path.basename(commonDir) === ".git" ? path.dirname(commonDir) : undefined;
  return { name, worktree, root };
}

function pointerOf(text: string | undefined): string | undefined {
  return /^gitdir: (.+)\n?$/.exec(text ?? "")?.[1];
}

async function readSmall(file: string): Promise<string | undefined> {
  try {
    const info = await lstat(file);
    return info.isFile() && info.size <= 16_384 ? await readFile(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
