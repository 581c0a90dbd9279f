import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProjectDeps } from "../ports.js";
import { observeForwarders } from "./observe-forwarders.js";

type Needs = Pick<ProjectDeps, "engine" | "project" | "ports">;

/** Takes away what forwards an agent's ports. Safe to run again. */
export async function withdrawPorts(deps: Needs, agent: AgentRef): Promise<void> {
  const { outside, inside } = (await observeForwarders(deps)).get(agent.name) ?? {};
  for (const half of [outside, inside]) if (half !== undefined) await deps.engine.removeContainer(half.id);
  await deps.ports.removeForwarder(agent);
}
