import { byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import { agentPaths } from "../../domain/identity/project.js";
import { recordedSettings } from "../../domain/agents/container-spec.js";
import { findOwnWorktrees, noteWorktrees } from "../../domain/worktrees/places.js";
import { findContainer } from "../agents/observe.js";
import type { ProjectDeps } from "../ports.js";

export interface AgentToShow {
  readonly agent: AgentRef;
  readonly runtime: AgentRuntime;
  /** What its container was made with. */
  readonly overlays: readonly string[];
}

/** The agents whose containers run, and those that need none, in the order of their indexes; notes where their worktrees are. */
export async function findRunningAgents({
  engine,
  project,
  state,
  worktrees,
}: Pick<ProjectDeps, "engine" | "project" | "state" | "worktrees">): Promise<AgentToShow[]> {
  const [containers, records] = await Promise.all([
    engine.listContainers("agent", project.id),
    worktrees.list(),
  ]);
  const own = findOwnWorktrees(project, records);
  noteWorktrees(project, own);
  const names = [...new Set([...containers.map(({ agentName }) => agentName), ...own.keys()])];
  const agents = names.flatMap((name) => parseAgentName(name, project.roster) ?? []).sort(byIndex);
  const found = agents.map(async (agent): Promise<AgentToShow[]> => {
    const { runtime } = await state.inspect(agentPaths(project, agent));
    if (runtime === "host") return [{ agent, runtime, overlays: [] }];
    const container = findContainer(project, containers, agent);
    if (container?.state !== "running") return [];
    return [{ agent, runtime, overlays: recordedSettings(container.config).overlays }];
  });
  return (await Promise.all(found)).flat();
}
