import { DevkitError } from "../base/errors.js";
import { parseAgentSelector, type AgentRef } from "../domain/agents/agent.js";

/** An agent that need not be there yet, by index or name. @throws DevkitError E_USAGE */
export function parseAgentOption(raw: string, hint: string): AgentRef {
  const agent = parseAgentSelector(raw);
  if (agent !== undefined) return agent;
  throw new DevkitError("E_USAGE", `${JSON.stringify(raw)} is not an agent's index or name`, { hint });
}
