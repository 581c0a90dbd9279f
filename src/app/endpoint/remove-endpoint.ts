import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProjectDeps } from "../ports.js";
import { findBroker } from "./start-endpoint.js";

/** Takes an agent's socket away; with the last agent's goes the broker. Safe to run again. */
export async function removeEndpoint(
  deps: Pick<ProjectDeps, "project" | "engine" | "endpoint">,
  agent: AgentRef,
): Promise<void> {
  await deps.endpoint.removeAgent(agent);
  const broker = await findBroker(deps);
  if (broker === undefined) return;
  const isLast = (await deps.endpoint.known()).length === 0;
  if (isLast) await deps.engine.removeContainer(broker.id);
  else await deps.engine.signalContainer(broker.id, "SIGUSR1");
}
