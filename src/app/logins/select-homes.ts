import { isCalled, type AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { requireAgent, selectAgents } from "../agents/select.js";
import { refuseOnHost, SEE_WHERE } from "../host-runtime/refuse-on-host.js";
import type { LoginNeeds } from "./holders.js";

type Needs = Pick<LoginNeeds, "project" | "state">;

/** Agents that have a home; no engine is asked. @throws DevkitError E_ON_HOST for one named that never has */
async function listHomes(
  { project, state }: Needs,
  selectors: readonly string[],
): Promise<{ readonly agent: AgentRef }[]> {
  const known = await state.known(project);
  const inspect = async (agent: AgentRef) => ({
    agent,
    state: await state.inspect(agentPaths(project, agent)),
  });
  const all = await Promise.all(known.map(inspect));
  const named = all.filter(({ agent }) => selectors.some((selector) => isCalled(agent, selector)));
  for (const one of named) refuseOnHost(project, one, SEE_WHERE);
  return all.filter((one) => one.state.home);
}

/** @throws DevkitError E_AGENT_UNKNOWN */
export async function requireHome(deps: Needs, selector: string): Promise<AgentRef> {
  return requireAgent(selector, await listHomes(deps, [selector])).agent;
}

/** All when none is named. @throws DevkitError E_AGENT_UNKNOWN */
export async function selectHomes(deps: Needs, selectors: readonly string[]): Promise<AgentRef[]> {
  return selectAgents(selectors, await listHomes(deps, selectors)).map(({ agent }) => agent);
}
