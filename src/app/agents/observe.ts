import { agentAt, byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { containerName } from "../../domain/identity/names.js";
import type { WorktreeRecord } from "../../domain/custody/worktree-list.js";
import { LAYOUTS, layoutPlace } from "../../domain/worktrees/layout.js";
import { findOwnWorktrees, noteWorktrees } from "../../domain/worktrees/places.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "engine" | "worktrees" | "state">;

/** An agent, and git's record of its worktree. */
export interface ObservedRecord {
  readonly observed: ObservedAgent;
  readonly record: WorktreeRecord | undefined;
}

/** Every agent of the project that has left any trace, plus those asked for, in numeric order. */
export async function observe(deps: Needs, alsoIndexes: readonly number[] = []): Promise<ObservedAgent[]> {
  return (await observeWithRecords(deps, alsoIndexes)).map(({ observed }) => observed);
}

export async function observeWithRecords(
  deps: Needs,
  alsoIndexes: readonly number[] = [],
): Promise<ObservedRecord[]> {
  const { project } = deps;
  const [containers, records, known] = await Promise.all([
    deps.engine.listContainers("agent", project.id),
    deps.worktrees.list(),
    deps.state.known(project),
  ]);
  const own = findOwnWorktrees(project, records);
  noteWorktrees(project, own);
  const names = [...own.keys(), ...containers.map((container) => container.agentName)];
  const named = names.map((name) => parseAgentName(name, project.roster));
  const asked = alsoIndexes.map((index) => agentAt(index, project.roster));
  const agents = [...known, ...named, ...asked].filter((agent) => agent !== undefined);
  const unique = [...new Map(agents.map((agent) => [agent.name, agent])).values()].sort(byIndex);
  return Promise.all(
    unique.map(async (agent): Promise<ObservedRecord> => {
      const record = own.get(agent.name);
      if (record === undefined) await noteForgotten(deps, agent);
      const paths = agentPaths(project, agent);
      const [files, state] = await Promise.all([
        deps.worktrees.inspect(paths.worktree),
        deps.state.inspect(paths),
      ]);
      const worktree = { registered: record !== undefined, branch: record?.branch, ...files };
      return {
        record,
        observed: { agent, worktree, state, container: findContainer(project, containers, agent) },
      };
    }),
  );
}

/** A worktree that git has forgotten is where it was made, which the layout of now need not say. */
async function noteForgotten({ project, worktrees }: Needs, agent: AgentRef): Promise<void> {
  const others = LAYOUTS.filter((layout) => layout !== project.places.layout);
  for (const layout of others) {
    const place = layoutPlace(project, layout, agent);
    if (await worktrees.isForgotten(place)) project.places.found.set(agent.name, place);
  }
}

/** Only agents there is something of. */
export async function observePresent(deps: Needs): Promise<ObservedAgent[]> {
  return (await observe(deps)).filter(isPresent);
}

/** A copy made by hand can carry our labels; the one with our name is ours. */
export function findContainer(
  project: ProjectDeps["project"],
  containers: readonly LabelledContainer[],
  agent: AgentRef,
): LabelledContainer | undefined {
  const own = containers.filter((container) => container.agentName === agent.name);
  return own.find((container) => container.name === containerName(project, agent)) ?? own[0];
}
