import { byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { recordedSettings } from "../../domain/agents/container-spec.js";
import { findOwnWorktrees, noteWorktrees } from "../../domain/worktrees/places.js";
import { findContainer } from "../agents/observe.js";
import type { ProjectDeps } from "../ports.js";

export interface AgentToShow {
  readonly agent: AgentRef;
  /** What its container was made with. */
  readonly overlays: readonly string[];
}

/** The agents whose containers run, in the order of their indexes; notes where their worktrees are. */
export async function findRunningAgents({
  engine,
  project,
  worktrees,
}: Pick<ProjectDeps, "engine" | "project" | "worktrees">): Promise<AgentToShow[]> {
  const [containers, records] = await Promise.all([
    engine.listContainers("agent", project.id),
    worktrees.list(),
  ]);
  noteWorktrees(project, findOwnWorktrees(project, records));
  const names = [...new Set(containers.map(({ agentName }) => agentName))];
  const agents = names.flatMap((name) => parseAgentName(name, project.roster) ?? []);
  return agents.sort(byIndex).flatMap((agent) => {
    const container = findContainer(project, containers, agent);
    if (container?.state !== "running") return [];
    return [{ agent, overlays: recordedSettings(container.config).overlays }];
  });
}
