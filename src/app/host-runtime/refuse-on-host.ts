import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { isCalled, type AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import { selectAgents } from "../agents/select.js";
import type { ProjectDeps } from "../ports.js";

type Known = Pick<ObservedAgent, "agent" | "state">;

/** What to type in place of a command that needs a container; by default, the way into the worktree. */
type HintFor = (agent: AgentRef) => string;

/** Where its worktree is, only git knows, which is not asked for everything. */
export const SEE_WHERE: HintFor = ({ name }) => `see where it works: devkit agent status ${name}`;

/** Refuses what needs a container for an agent that has none. @throws DevkitError E_ON_HOST */
export function refuseOnHost(project: Project, { agent, state }: Known, hintFor?: HintFor): void {
  if (state.runtime === "container") return;
  const { worktree } = agentPaths(project, agent);
  throw new DevkitError(
    "E_ON_HOST",
    `${agent.name} runs on this machine itself (agent spawn --runtime host): it has no container and no home of its own`,
    {
      hint: hintFor?.(agent) ?? `work in its worktree: cd ${shellWord(worktree)}`,
      details: { agent: agent.name, ...(hintFor === undefined && { worktree }) },
    },
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
  hintFor?: HintFor,
): T[] {
  if (selectors.length === 0) return all.filter(({ state }) => state.runtime === "container");
  const selected = selectAgents(selectors, all);
  for (const one of selected) refuseOnHost(project, one, hintFor);
  return selected;
}

/** The same for an agent that is looked for where only agents with a container are. @throws DevkitError E_ON_HOST */
export async function refuseNamedOnHost(
  { project, state }: Pick<ProjectDeps, "project" | "state">,
  selector: string,
): Promise<void> {
  const agent = (await state.known(project)).find((one) => isCalled(one, selector));
  if (agent === undefined) return;
  const found = { agent, state: await state.inspect(agentPaths(project, agent)) };
  refuseOnHost(project, found, SEE_WHERE);
}
