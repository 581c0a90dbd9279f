import type { AgentRef } from "../../domain/agents/agent.js";
import type { EffectivePolicy } from "../../domain/egress/policy.js";
import type { Profile } from "../../domain/settings/profiles.js";
import { selectAgents } from "../agents/select.js";
import { loadPolicyState, type EgressNeeds } from "./apply-policies.js";
import { agentsOnNetworks, findEgress, observeEgress } from "./observe-egress.js";
import { policyOf } from "./write-policies.js";

export interface ListedPolicy {
  readonly agent: AgentRef;
  readonly profiles: readonly Profile[];
  readonly policy: EffectivePolicy;
  /** Whether the container through which it all goes runs. */
  readonly isUp: boolean;
}

/** What some agents, or all, may reach. @throws DevkitError E_AGENT_UNKNOWN */
export async function listPolicies(deps: EgressNeeds, selectors: readonly string[]): Promise<ListedPolicy[]> {
  const [observed, state] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
  const all = agentsOnNetworks(observed).map((agent) => ({ agent }));
  return selectAgents(selectors, all).map(({ agent }) => ({
    agent,
    profiles: state.memory.profiles.get(agent.name) ?? [],
    policy: policyOf(state, agent),
    isUp: findEgress(observed, agent)?.state === "running",
  }));
}
