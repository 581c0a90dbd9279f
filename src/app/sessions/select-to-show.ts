import { DevkitError } from "../../base/errors.js";
import { agentAt, type AgentRef, type Roster } from "../../domain/agents/agent.js";
import type { AgentToShow } from "./find-running-agents.js";

export interface Selected {
  readonly shown: readonly AgentToShow[];
  /** Asked for, and not running. */
  readonly missing: readonly AgentRef[];
}

/**
 * The agents 1..`count` that run, or all that run; nothing is brought up for it.
 * @throws DevkitError E_AGENT_NOT_RUNNING when none does
 */
export function selectToShow(
  running: readonly AgentToShow[],
  count: number | undefined,
  roster: Roster,
): Selected {
  const asked = Array.from({ length: count ?? 0 }, (_, position) => agentAt(position + 1, roster));
  const shown = count === undefined ? running : running.filter(({ agent }) => agent.index <= count);
  const missing = asked.filter(({ name }) => !shown.some(({ agent }) => agent.name === name));
  if (shown.length > 0) return { shown, missing };
  throw new DevkitError(
    "E_AGENT_NOT_RUNNING",
    count === undefined
      ? "no agent runs that a window could show"
      : `none of agents 1 to ${String(count)} runs`,
    {
      hint: `bring them up first: devkit agent up ${String(count ?? 2)}`,
      details: { missing: missing.map(({ name }) => name) },
      exitCode: 4,
    },
  );
}
