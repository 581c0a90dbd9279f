import { agentAt, byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { containerName } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { LabelledContainer, ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "engine" | "worktrees" | "state">;

/** Every agent of the project that has left any trace, plus those asked for, in numeric order. */
export async function observe(deps: Needs, alsoIndexes: readonly number[] = []): Promise<ObservedAgent[]> {
  const [containers, entries, known] = await Promise.all([
    deps.engine.listAgents(deps.project.id),
    deps.worktrees.list(),
    deps.state.known(deps.project),
  ]);
  const named = containers.map((container) => parseAgentName(container.agentName));
  const agents = [...known, ...named, ...alsoIndexes.map(agentAt)].filter((agent) => agent !== undefined);
  const unique = [...new Map(agents.map((agent) => [agent.name, agent])).values()].sort(byIndex);
  return Promise.all(
    unique.map(async (agent): Promise<ObservedAgent> => {
      const paths = agentPaths(deps.project, agent);
      const entry = entries.find((one) => one.path === paths.worktree);
      const [files, state] = await Promise.all([
        deps.worktrees.inspect(paths.worktree),
        deps.state.inspect(paths),
      ]);
      return {
        agent,
        worktree: { registered: entry !== undefined, branch: entry?.branch, ...files },
        state,
        container: findContainer(deps.project, containers, agent),
      };
    }),
  );
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
