import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { EgressNeeds } from "../egress/apply-policies.js";
import { findCut } from "../egress/find-trouble.js";

/**
 * Without its way out every program of an agent only waits for its time to be up.
 * @throws DevkitError E_EGRESS
 */
export async function requireEgress(deps: EgressNeeds, agent: AgentRef): Promise<void> {
  const cut = await findCut(deps, agent);
  if (cut === undefined) return;
  throw new DevkitError("E_EGRESS", `${agent.name} reaches nothing: ${cut}`, {
    hint: "bring it up again: devkit up",
    details: { agent: agent.name },
  });
}
