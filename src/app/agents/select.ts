import { DevkitError } from "../../base/errors.js";
import { agentAt, byIndex, isCalled, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { isAgentName } from "../../domain/agents/agent-name.js";

/**
 * Finds what the user named among the agents there are.
 * @throws DevkitError E_AGENT_UNKNOWN (exit 4) that names them.
 */
export function requireAgent<T extends { readonly agent: AgentRef }>(selector: string, all: readonly T[]): T {
  const found = all.find(({ agent }) => isCalled(agent, selector));
  if (found !== undefined) return found;
  const names = all.map(({ agent }) => agent.name).join(", ");
  const wanted = /^[1-9]\d{0,3}$/.test(selector) ? agentAt(Number(selector)).name : selector;
  const what = isAgentName(wanted)
    ? `there is no ${wanted}`
    : `${JSON.stringify(selector)} is not an agent's index or name`;
  throw new DevkitError(
    "E_AGENT_UNKNOWN",
    names === "" ? `${what}; there are no agents yet` : `${what}; there are ${names}`,
    {
      hint:
        names === ""
          ? "make some: devkit agent up 3"
          : `see them: devkit agent list; make more: devkit agent up ${suggest(wanted, all)}`,
      details: { asked: selector, agents: all.map(({ agent }) => agent.name) },
    },
  );
}

/** All agents when none is named, else exactly those, each once. */
export function selectAgents<T extends { readonly agent: AgentRef }>(
  selectors: readonly string[],
  all: readonly T[],
): T[] {
  if (selectors.length === 0) return [...all];
  const selected = new Set(selectors.map((selector) => requireAgent(selector, all)));
  return [...selected].sort((a, b) => byIndex(a.agent, b.agent));
}

function suggest(wanted: string, all: readonly { readonly agent: AgentRef }[]): string {
  return String(parseAgentName(wanted)?.index ?? Math.max(...all.map(({ agent }) => agent.index)) + 1);
}
