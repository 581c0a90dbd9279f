import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { CopiedWorktree } from "../../app/ports-health.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { readHostileFile } from "../fs/atomic-file.js";

const SMALL = 16_384;

/**
 * Registrations that came along when the git dir was copied: the worktree that they name has a `.git` file that leads to
 * another repository, which has it registered, too. git would take it for its own, and `git worktree repair` take it away
 * from the other.
 */
export async function findCopied(commonDir: string): Promise<CopiedWorktree[]> {
  const ids = await readdir(path.join(commonDir, "worktrees")).catch(() => []);
  return ids.flatMap((id) => judge(commonDir, id) ?? []);
}

/** Only the copy of what the other repository has: index, HEAD and logs of its worktree. */
export async function forgetCopied(commonDir: string, id: string): Promise<void> {
  if (judge(commonDir, id) === undefined) return;
  await rm(path.join(commonDir, "worktrees", id), { recursive: true, force: true });
}

function judge(commonDir: string, id: string): CopiedWorktree | undefined {
  const pointer = read(path.join(commonDir, "worktrees", id, "gitdir"));
  if (pointer?.endsWith("/.git") !== true) return undefined;
  const worktree = path.dirname(pointer);
  const target = /^gitdir: (.+)$/.exec(read(pointer) ?? "")?.[1];
  if (target === undefined) return undefined;
  const owner = path.resolve(worktree, target);
  if (isWithin(owner, commonDir) || read(path.join(owner, "gitdir")) !== pointer) return undefined;
  return { id, worktree, owner };
}

function read(file: string): string | undefined {
  try {
    return readHostileFile(file, SMALL)?.trimEnd();
  } catch {
    return undefined;
  }
}
