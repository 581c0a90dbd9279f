import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { egressPaths } from "../../domain/identity/project.js";
import { applyPolicies, type EgressNeeds } from "./apply-policies.js";
import { observeEgress } from "./observe-egress.js";

/** Takes an agent's network away, and its own egress; with the last agent's what all shared. Safe to run again. */
export async function removeNetworks(deps: EgressNeeds, agent: AgentRef): Promise<void> {
  await deps.locks.hold("egress", async () => {
    const { networks, outward, containers, copies } = await observeEgress(deps);
    const isLast = [...networks.keys()].every((name) => name === agent.name);
    const keys = isLast ? [agent.name, ""] : [agent.name];
    for (const key of keys) {
      const container = containers.get(key);
      if (container !== undefined) await deps.engine.removeContainer(container.id);
      const way = outward.get(key);
      if (way !== undefined) await deps.engine.removeNetwork(way.id);
    }
    const own = [networks.get(agent.name), ...copies].filter((network) => network?.agentName === agent.name);
    for (const network of own) if (network !== undefined) await deps.engine.removeNetwork(network.id);
    await deps.egress.removeConfig(egressPaths(deps.project, agent));
    if (isLast) await deps.egress.removeConfig(egressPaths(deps.project, undefined));
    await deps.egress.forgetAgent(agent);
    // What keeps another agent from its egress must not keep this one from going; doctor tells of it.
    if (!isLast) await applyPolicies(deps).catch(ignoreEgress);
  });
}

function ignoreEgress(error: unknown): void {
  if (!isDevkitError(error) || error.code !== "E_EGRESS") throw error;
}
