import type { ObservedAgent } from "../../domain/agents/observed.js";
import { isPresent } from "../../domain/agents/observed.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { WorktreeRecord } from "../../domain/custody/worktree-list.js";
import { observeWithRecords } from "../agents/observe.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";

/** Which agents there are, for telling what belongs to none. */
export interface Present {
  readonly all: readonly ObservedAgent[];
  /** Those there is something of, in numeric order. */
  readonly agents: readonly ObservedAgent[];
  /** Names of these, and of those that somebody is just making or removing. */
  readonly names: ReadonlySet<string>;
  /** What git says of an agent's worktree. */
  recordOf(this: void, agent: AgentRef): WorktreeRecord | undefined;
}

/** Observes all agents. Whoever acts by that holds the agents' lock meanwhile. */
export async function findPresent(deps: SpawnDeps): Promise<Present> {
  const [found, underWay, trash] = await Promise.all([
    observeWithRecords(deps),
    deps.journal.list(),
    deps.trash.list(),
  ]);
  const all = found.map(({ observed }) => observed);
  const records = new Map(found.map(({ observed, record }) => [observed.agent.name, record]));
  const agents = all.filter(hasSomething);
  const pending = trash.filter(({ stage }) => stage !== "kept").map(({ entry }) => entry);
  const names = [...agents, ...underWay, ...pending].map(({ agent }) => agent.name);
  return { all, agents, names: new Set(names), recordOf: ({ name }) => records.get(name) };
}

/** A home alone is what a killed `agent up` leaves; a container alone is nobody's, and to be removed. */
function hasSomething(observed: ObservedAgent): boolean {
  const { worktree, state } = observed;
  if (isOrphan(observed)) return false;
  return isPresent(observed) || worktree.directory === "files" || state.home || state.runtime === "host";
}

/** Of whose agent nothing but a container is left. */
export function isOrphan({ worktree, state, container }: ObservedAgent): boolean {
  const isElsewhere = worktree.registered || worktree.directory === "files" || state.git || state.home;
  return container !== undefined && !isElsewhere;
}
