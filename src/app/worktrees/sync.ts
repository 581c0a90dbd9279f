import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { OwnWorktree } from "./observe.js";

export interface SyncRequest {
  readonly selectors: readonly string[];
  readonly base: string;
  readonly signal: AbortSignal;
}

/** What became of one worktree. */
export interface SyncedWorktree {
  readonly agent: AgentRef;
  readonly path: string;
  readonly branch: string | undefined;
  readonly result: "moved" | "pushed" | "current" | "left";
  readonly from: string | undefined;
  /** Where its branch, or the remote's, is now, if that changed. */
  readonly to: string | undefined;
  /** Why nothing had to be done, when that is not plain. */
  readonly note: string | undefined;
  readonly error: DevkitError | undefined;
}

/**
 * Why a worktree is passed over: an agent's is not the host's to change. Named on purpose, that is an error.
 * @throws DevkitError E_AGENT_WORKTREE
 */
export function pickOwn({ isAgent, observed: { agent } }: OwnWorktree, named: boolean): string | undefined {
  if (!isAgent) return undefined;
  const index = String(agent.index);
  if (!named) return `belongs to an agent: devkit agent sync ${index}`;
  throw new DevkitError("E_AGENT_WORKTREE", `the worktree of ${agent.name} belongs to an agent`, {
    hint: `bring its commits home: devkit agent sync ${index}; let it work with remotes itself: devkit exec ${index} -- git pull`,
  });
}

/** @throws DevkitError E_WORKTREE_BROKEN, E_WORK_IN_THE_WAY */
export function requireBranch({ record, path, state, observed }: OwnWorktree): {
  branch: string;
  head: string;
} {
  if (state !== "ready" || record?.head === undefined) {
    throw new DevkitError("E_WORKTREE_BROKEN", `the worktree ${path} is ${state}`, {
      hint: `make it whole: devkit worktrees init ${String(observed.agent.index)}`,
    });
  }
  if (record.branch !== undefined) return { branch: record.branch, head: record.head };
  throw new DevkitError("E_WORK_IN_THE_WAY", `${path} is on no branch`, {
    hint: `give its commits a branch: git -C ${shellWord(path)} switch -c NAME`,
  });
}
