import { setImmediate as nextTurn } from "node:timers/promises";
import type { AgentRefs, Agreed } from "../../domain/custody/sync-plan.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

/** What an agent's files say of its refs. */
export interface Glance {
  readonly refs: AgentRefs;
  readonly last: Agreed;
  readonly isPending: boolean;
}

/**
 * Looks at the ref files of all agents, by name; one that cannot be read is left out. To be called while git and the
 * engine have been asked and have not answered yet: then it costs a list of idle agents no time.
 */
export async function glanceAtAll({
  project,
  state,
}: Pick<ProjectDeps, "project" | "state">): Promise<ReadonlyMap<string, Glance>> {
  const known = await state.known(project);
  // First those questions have to be on their way.
  await nextTurn();
  const found = new Map<string, Glance>();
  for (const agent of known) {
    const paths = agentPaths(project, agent);
    const refs = await state.readRefs(paths);
    if (refs === undefined) continue;
    found.set(agent.name, {
      refs,
      last: await state.lastSynced(paths),
      isPending: await state.isSyncPending(paths),
    });
  }
  return found;
}
