import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { requireAgent, selectAgents } from "../agents/select.js";
import type { LoginNeeds } from "./holders.js";

type Needs = Pick<LoginNeeds, "project" | "state">;

/** Agents that have a home; no engine is asked. */
async function listHomes({ project, state }: Needs): Promise<{ readonly agent: AgentRef }[]> {
  const known = await state.known(project);
  const inspect = async (agent: AgentRef) => ({
    agent,
    ...(await state.inspect(agentPaths(project, agent))),
  });
  return (await Promise.all(known.map(inspect))).filter(({ home }) => home);
}

/** @throws DevkitError E_AGENT_UNKNOWN */
export async function requireHome(deps: Needs, selector: string): Promise<AgentRef> {
  return requireAgent(selector, await listHomes(deps)).agent;
}

/** All when none is named. @throws DevkitError E_AGENT_UNKNOWN */
export async function selectHomes(deps: Needs, selectors: readonly string[]): Promise<AgentRef[]> {
  return selectAgents(selectors, await listHomes(deps)).map(({ agent }) => agent);
}
