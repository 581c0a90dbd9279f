import type { AgentRef } from "../../domain/agents/agent.js";
import { planCaches } from "../../domain/caches/plan-caches.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { ProjectDeps } from "../ports.js";
import { removeLooseVolumes } from "./remove-loose-volumes.js";

/** What bringing agents up has to know of their caches. */
export interface CacheSteps {
  /** Why an agent's have to be made; undefined: they are there. */
  readonly causeOf: (agent: AgentRef) => string | undefined;
  /** Undoes what agents did to the directories that all share, and what containers have left behind. */
  readonly tidy: () => Promise<void>;
  readonly make: (agent: AgentRef) => Promise<void>;
}

export async function cacheSteps(
  deps: Pick<ProjectDeps, "caches" | "engine" | "progress" | "project">,
  settingsOf: SettingsOf,
  agents: readonly AgentRef[],
): Promise<CacheSteps> {
  const { caches, project } = deps;
  const planOf = (agent: AgentRef) => planCaches(settingsOf(agent).caches);
  const causes = new Map<string, string | undefined>();
  for (const agent of agents)
    causes.set(agent.name, await caches.findTrouble(agentPaths(project, agent), planOf(agent)));
  return {
    causeOf: ({ name }) => causes.get(name),
    async tidy() {
      for (const agent of agents) await caches.tidyShared(planOf(agent));
      await removeLooseVolumes(deps);
    },
    make: (agent) => caches.make(agentPaths(project, agent), planOf(agent)),
  };
}
