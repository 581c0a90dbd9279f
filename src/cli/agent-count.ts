import { DevkitError } from "../base/errors.js";
import { MAX_AGENT_INDEX } from "../domain/agents/agent.js";

/** The N of commands that make agents or worktrees 1..N. @throws DevkitError E_USAGE */
export function parseAgentCount(raw: string, hint: string): number {
  const count = Number(raw);
  if (/^\d+$/.test(raw) && count >= 1 && count <= MAX_AGENT_INDEX) return count;
  throw new DevkitError(
    "E_USAGE",
    `"${raw}" is not a number of agents: a whole number from 1 to ${String(MAX_AGENT_INDEX)}`,
    { hint },
  );
}
