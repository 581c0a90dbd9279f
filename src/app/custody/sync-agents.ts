import { observePresent } from "../agents/observe.js";
import { selectAgents } from "../agents/select.js";
import type { SpecOf } from "../agents/list.js";
import type { AgentOutcome } from "../agents/execute.js";
import type { ProjectDeps } from "../ports.js";
import { LONG_PATIENCE_MS, syncAgent } from "./sync.js";
import { requireClean, type SyncOutcome } from "./sync-outcome.js";
import { toDevkitError } from "../../base/errors.js";

export interface SyncResult {
  readonly synced: readonly SyncOutcome[];
  readonly outcomes: readonly AgentOutcome[];
}

/** Brings the commits of some agents, or all, home; a diverged branch is that agent's failure, not the others'. */
export async function syncAgents(
  deps: ProjectDeps,
  selectors: readonly string[],
  spec: SpecOf,
): Promise<SyncResult> {
  const [observed, refs] = await Promise.all([observePresent(deps), deps.history.agentRefs()]);
  const synced: SyncOutcome[] = [];
  const outcomes = await Promise.all(
    selectAgents(selectors, observed).map(async (one): Promise<AgentOutcome> => {
      try {
        const outcome = await syncAgent(
          { ...deps, spec, patienceMs: LONG_PATIENCE_MS },
          one,
          refs.get(one.agent.name) ?? new Map<string, string>(),
        );
        synced.push(outcome);
        requireClean(outcome);
        return { agent: one.agent, done: [], error: undefined };
      } catch (error) {
        return { agent: one.agent, done: [], error: toDevkitError(error) };
      }
    }),
  );
  synced.sort((a, b) => a.agent.index - b.agent.index);
  return { synced, outcomes };
}
