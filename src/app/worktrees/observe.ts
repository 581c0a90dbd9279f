import { DevkitError } from "../../base/errors.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import { isCalled } from "../../domain/agents/agent.js";
import { observeWithRecords, type ObservedRecord } from "../agents/observe.js";
import { tolerantEngine } from "../agents/tolerant-engine.js";
import type { ProjectDeps } from "../ports.js";

/** A worktree of devkit's with what else there is of its agent. */
export interface OwnWorktree extends ObservedRecord {
  readonly path: string;
  readonly state: WorktreeState;
  /** It has more than a worktree: then the host's git only looks at it. */
  readonly isAgent: boolean;
}

export type WorktreeState = "ready" | "missing" | "unlinked" | "unfinished" | "unregistered";

/** All worktrees of devkit's; without an engine, too, since a machine that only has git can use them. */
export async function observeWorktrees(
  deps: ProjectDeps,
  alsoIndexes: readonly number[] = [],
): Promise<OwnWorktree[]> {
  const engine = tolerantEngine(deps.engine, () => Promise.resolve(true));
  const all = await observeWithRecords({ ...deps, engine }, alsoIndexes);
  return all.map((one) => ({
    ...one,
    path: agentPaths(deps.project, one.observed.agent).worktree,
    state: stateOf(one.observed),
    isAgent: isAgent(one.observed),
  }));
}

/** Those there is something of. */
export async function observePresentWorktrees(deps: ProjectDeps): Promise<OwnWorktree[]> {
  return (await observeWorktrees(deps)).filter(
    ({ observed: { worktree }, isAgent: has }) =>
      worktree.registered || worktree.directory === "files" || has,
  );
}

export function isAgent({ container, state }: ObservedAgent): boolean {
  return container !== undefined || state.git || state.home || state.runtime === "host";
}

/**
 * All when none is named, else exactly those, each once, in numeric order.
 * @throws DevkitError E_AGENT_UNKNOWN
 */
export function selectWorktrees(selectors: readonly string[], all: readonly OwnWorktree[]): OwnWorktree[] {
  if (selectors.length === 0) return [...all];
  const wanted = new Set(selectors.map((selector) => requireWorktree(selector, all)));
  return all.filter((one) => wanted.has(one));
}

function requireWorktree(selector: string, all: readonly OwnWorktree[]): OwnWorktree {
  const found = all.find(({ observed }) => isCalled(observed.agent, selector));
  if (found !== undefined) return found;
  const names = all.map(({ observed }) => observed.agent.name);
  const there = names.length === 0 ? "there are none yet" : `there are ${names.join(", ")}`;
  throw new DevkitError("E_AGENT_UNKNOWN", `there is no worktree "${selector}"; ${there}`, {
    hint: `make some: devkit worktrees init ${/^\d{1,4}$/.test(selector) ? selector : "3"}`,
    details: { asked: selector, agents: names },
  });
}

function stateOf({ worktree }: ObservedAgent): WorktreeState {
  if (!worktree.registered) return "unregistered";
  if (worktree.directory !== "files" && !worktree.linked) return "missing";
  if (!worktree.linked) return "unlinked";
  return worktree.checkedOut ? "ready" : "unfinished";
}
