import type { AgentRef } from "../../domain/agents/agent.js";
import type { HostRefs } from "../../domain/custody/sync-plan.js";
import type { History } from "../ports.js";

/** What the host has of one agent's refs; empty for one whose commits never came home. */
export async function loadHostRefs(history: Pick<History, "agentRefs">, agent: AgentRef): Promise<HostRefs> {
  return (await history.agentRefs()).get(agent.name) ?? new Map<string, string>();
}
