import { readdirSync } from "node:fs";
import path from "node:path";
import type { AgentRef } from "../../domain/agents/agent.js";
import { lockReason } from "../../domain/identity/names.js";
import { readHostileFile } from "../fs/atomic-file.js";

const SMALL = 16_384;

/**
 * Where git knows an agent's worktree to be, without starting it: whichever layout it was made in. Undefined when it has
 * none, or somebody unlocked it.
 */
export function findAgentWorktree(commonDir: string, agent: AgentRef): string | undefined {
  return findAgentAdmin(commonDir, agent)?.worktree;
}

/** The same with git's own directory for that worktree. */
export function findAgentAdmin(
  commonDir: string,
  agent: AgentRef,
): { readonly worktree: string; readonly gitDir: string } | undefined {
  const parent = path.join(commonDir, "worktrees");
  for (const name of listNames(parent)) {
    const [locked, gitdir] = ["locked", "gitdir"].map((file) =>
      readHostileFile(path.join(parent, name, file), SMALL)?.trimEnd(),
    );
    if (locked === lockReason(agent) && gitdir?.endsWith("/.git") === true)
      return { worktree: path.dirname(gitdir), gitDir: path.join(parent, name) };
  }
  return undefined;
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
