import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import { toDevkitError, type DevkitError } from "../../base/errors.js";
import { SHORT_PATIENCE_MS, syncAgent } from "../custody/sync.js";
import type { SyncOutcome } from "../custody/sync-outcome.js";
import type { ProjectDeps } from "../ports.js";
import { observePresent } from "./observe.js";
import { selectAgents } from "./select.js";

export interface ListedAgent {
  readonly agent: AgentRef;
  readonly observed: ObservedAgent;
  /** The host's name of the branch the agent is on, short; undefined when detached or unreadable. */
  readonly branch: string | undefined;
  readonly worktree: string;
  readonly sync: SyncOutcome | undefined;
  /** Why its commits could not be brought home. */
  readonly syncError: DevkitError | undefined;
}

export type SpecOf = (agent: AgentRef) => Promise<ContainerSpec>;

/** Some agents, or all, after bringing commits home; one agent's trouble with that does not hide the others. */
export async function listAgents(
  deps: ProjectDeps,
  spec: SpecOf,
  selectors: readonly string[] = [],
): Promise<ListedAgent[]> {
  const [observed, refs] = await Promise.all([observePresent(deps), deps.history.agentRefs()]);
  return Promise.all(
    selectAgents(selectors, observed).map(async (one): Promise<ListedAgent> => {
      const paths = agentPaths(deps.project, one.agent);
      const outcome = await trySync(deps, one, refs.get(one.agent.name) ?? new Map<string, string>(), spec);
      const head = outcome.sync?.head;
      return {
        agent: one.agent,
        observed: one,
        branch: head === undefined ? one.worktree.branch : shortBranch(head),
        worktree: paths.worktree,
        ...outcome,
      };
    }),
  );
}

function shortBranch(head: string): string | undefined {
  return head.startsWith("refs/heads/") ? head.slice("refs/heads/".length) : undefined;
}

async function trySync(
  deps: ProjectDeps,
  observed: ObservedAgent,
  refs: ReadonlyMap<string, string>,
  spec: SpecOf,
): Promise<Pick<ListedAgent, "sync" | "syncError">> {
  try {
    return {
      sync: await syncAgent({ ...deps, spec, patienceMs: SHORT_PATIENCE_MS }, observed, refs),
      syncError: undefined,
    };
  } catch (error) {
    const syncError = toDevkitError(error);
    if (syncError.code === "E_BUG") throw error;
    return { sync: undefined, syncError };
  }
}
