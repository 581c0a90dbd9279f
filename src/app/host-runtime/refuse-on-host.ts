import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import { selectAgents } from "../agents/select.js";

type Known = Pick<ObservedAgent, "agent" | "state">;

/** Refuses what needs a container for an agent that has none. @throws DevkitError E_ON_HOST */
export function refuseOnHost(project: Project, { agent, state }: Known): void {
  if (state.runtime === "container") return;
  const { worktree } = agentPaths(project, agent);
  throw new DevkitError(
    "E_ON_HOST",
    `${agent.name} runs on this machine itself (agent spawn --runtime host): it has no container and no home of its own`,
    { hint: `work in its worktree: cd ${shellWord(worktree)}`, details: { agent: agent.name, worktree } },
  );
}

/**
 * The agents that the user named; without names, all that have a container.
 * @throws DevkitError E_AGENT_UNKNOWN, E_ON_HOST for one named that has none
 */
export function selectContained<T extends Known>(
  project: Project,
  selectors: readonly string[],
  all: readonly T[],
): T[] {
  if (selectors.length === 0) return all.filter(({ state }) => state.runtime === "container");
  const selected = selectAgents(selectors, all);
  for (const one of selected) refuseOnHost(project, one);
  return selected;
}
