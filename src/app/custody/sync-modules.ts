import path from "node:path";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { HostRefs } from "../../domain/custody/sync-plan.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { AgentPaths } from "../../domain/identity/project.js";
import type { LentModule } from "../ports-modules.js";
import type { SyncNeeds } from "./sync.js";
import type { SyncOutcome } from "./sync-outcome.js";

type SyncHistory = (needs: SyncNeeds, observed: ObservedAgent, host: HostRefs) => Promise<SyncOutcome>;

/**
 * Brings what an agent committed in submodules home to the primary's git dirs of them, by the same rules as its other
 * commits. Answers those with news; one that the agent has removed or spoilt has none.
 */
export async function syncModules(
  needs: SyncNeeds,
  observed: ObservedAgent,
  sync: SyncHistory,
): Promise<{ at: string; outcome: SyncOutcome }[]> {
  if (!observed.state.git) return [];
  const found: { at: string; outcome: SyncOutcome }[] = [];
  for (const module of await needs.history.modules()) {
    const refs = (await module.history.agentRefs()).get(observed.agent.name);
    // The agent is older than the submodule: it has no git dir that devkit made.
    if (refs === undefined) continue;
    const inModule = { ...observed, worktree: { ...observed.worktree, registered: false } };
    const outcome = await sync(needsOf(needs, module), inModule, refs);
    if (!outcome.unreadable && outcome.updated.length + outcome.diverged.length + outcome.refused.length > 0)
      found.push({ at: module.at, outcome });
  }
  return found;
}

function needsOf(needs: SyncNeeds, { at, history }: LentModule): SyncNeeds {
  const { state } = needs;
  return {
    ...needs,
    gitDir: path.posix.join(CONTAINER.git, "modules", at),
    history,
    // No worktree of the host has a branch of it checked out, or a HEAD that would have to follow.
    worktrees: { ...needs.worktrees, list: () => Promise.resolve([]) },
    state: {
      ...state,
      readRefs: (paths) => state.readModuleRefs(paths, at),
      lastSynced: (paths) => state.lastSynced(moduleMemory(paths, at)),
      setLastSynced: (paths, refs) => state.setLastSynced(moduleMemory(paths, at), refs),
      isSyncPending: () => Promise.resolve(false),
      setSyncPending: () => Promise.resolve(),
    },
  };
}

/** Where what syncs of a submodule remember is kept: beside what those of the agent's own commits do. */
export function moduleMemory(paths: AgentPaths, at: string): AgentPaths {
  return { ...paths, state: path.join(paths.state, "sync", "modules", at) };
}
