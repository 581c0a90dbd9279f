import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProjectDeps } from "../ports.js";
import { freeBlock } from "./assign-blocks.js";
import { withdrawPorts } from "./withdraw-ports.js";

type Needs = Pick<ProjectDeps, "engine" | "project" | "ports" | "progress">;

/** What becomes of the ports of an agent that goes. A registry that cannot be read keeps none from going. */
export async function releasePorts(deps: Needs, agent: AgentRef): Promise<void> {
  await withdrawPorts(deps, agent);
  await freeBlock(deps, agent).catch((error: unknown) => {
    if (!isDevkitError(error) || error.code !== "E_PORT_REGISTRY") throw error;
    deps.progress.warn(`${agent.name}: its ports were not freed: ${error.message}`);
  });
}
