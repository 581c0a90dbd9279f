import { DevkitError } from "../base/errors.js";
import { parseAgentSelector, type AgentRef, type Roster } from "../domain/agents/agent.js";

/** An agent that need not be there yet, by index or name. @throws DevkitError E_USAGE */
export function parseAgentOption(raw: string, roster: Roster, hint: string): AgentRef {
  const agent = parseAgentSelector(raw, roster);
  if (agent !== undefined) return agent;
  throw new DevkitError("E_USAGE", `${JSON.stringify(raw)} is not an agent's index or name`, { hint });
}
