import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

/** Whether an agent has no container; for whoever has not observed it. */
export async function isOnHost(
  { project, state }: Pick<ProjectDeps, "project" | "state">,
  agent: AgentRef,
): Promise<boolean> {
  return (await state.inspect(agentPaths(project, agent))).runtime === "host";
}
