import { isDevkitError } from "../../base/errors.js";
import { isLive, type ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { AgentUsage } from "../../domain/limits/agent-usage.js";
import { recordedLimits } from "../../domain/limits/recorded-limits.js";
import { timelyEngine } from "../health/timely-engine.js";
import type { ProjectDeps } from "../ports.js";

/**
 * What each of these agents takes of memory, processors and disk, by name, side by side. Nothing that an agent or a slow engine
 * does keeps the answer for longer than that; what is not counted by then is said to be more.
 */
export async function findUsage(
  { engine, project, homeCare }: Pick<ProjectDeps, "engine" | "project" | "homeCare">,
  agents: readonly Pick<ObservedAgent, "agent" | "container">[],
  patienceMs: number,
): Promise<ReadonlyMap<string, AgentUsage>> {
  const deadline = performance.now() + patienceMs;
  const timely = timelyEngine(engine, patienceMs).engine;
  const found = await Promise.all(
    agents.map(async ({ agent, container }): Promise<[string, AgentUsage]> => {
      const isRunning = container !== undefined && isLive(container);
      const [sizes, usage, load] = await Promise.all([
        homeCare.measureAll(agentPaths(project, agent), deadline),
        container && ifKnown(timely.findUsage(container.id)),
        isRunning ? ifKnown(timely.findLoad(container.id)) : undefined,
      ]);
      const { memory, cpus } = load ?? { memory: undefined, cpus: undefined };
      const memoryLimit = recordedLimits(container?.config)?.memory;
      const { peakMemory, layerBytes: layer } = usage ?? { peakMemory: undefined, layerBytes: undefined };
      return [agent.name, { ...sizes, ...{ memory, memoryLimit, peakMemory, cpus, layer } }];
    }),
  );
  return new Map(found);
}

/** One that is removed meanwhile, or not told in time, has no figures. */
async function ifKnown<T>(question: Promise<T>): Promise<T | undefined> {
  return question.catch((error: unknown) => {
    if (isDevkitError(error) && error.code !== "E_BUG") return undefined;
    throw error;
  });
}
