import { DevkitError } from "../../base/errors.js";
import { parseAgentSelector, type AgentRef, type Roster } from "../../domain/agents/agent.js";
import { requireAgent } from "../agents/select.js";
import type { AgentSession, Sessions } from "../ports-sessions.js";

export interface SessionNeeds {
  readonly sessions: Pick<Sessions, "require" | "list">;
  readonly roster: Roster;
  /** Agents that have a directory of their own. */
  agents(): Promise<readonly AgentRef[]>;
  /** Whether it has no container. */
  isOnHost(agent: AgentRef): Promise<boolean>;
}

/**
 * The session of the agent that the user named.
 * @throws DevkitError E_TOOL_MISSING, E_AGENT_UNKNOWN, E_SESSION_UNKNOWN
 */
export async function findSession(needs: SessionNeeds, selector: string): Promise<AgentSession> {
  const { sessions, roster } = needs;
  await sessions.require();
  const all = await sessions.list();
  const wanted = parseAgentSelector(selector, roster);
  const found = all.find(({ agent }) => agent === wanted?.name);
  if (found !== undefined) return found;
  const known = (await needs.agents()).map((agent) => ({ agent }));
  const { agent } = requireAgent(selector, known);
  const instead = (await needs.isOnHost(agent))
    ? `see where it works, and start its program there: devkit agent status ${String(agent.index)}`
    : `open a shell in it: devkit shell ${String(agent.index)}`;
  const others = all.map((one) => one.agent).join(", ");
  throw new DevkitError("E_SESSION_UNKNOWN", `${agent.name} has no tmux session`, {
    hint: `${instead}; ${others === "" ? "no agent has a session" : `with a session: ${others}`}`,
    details: { agent: agent.name, sessions: all.map(({ name }) => name) },
  });
}
