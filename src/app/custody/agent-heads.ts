import type { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import { observePresent } from "../agents/observe.js";
import type { SpecOf } from "../agents/list.js";
import { selectAgents } from "../agents/select.js";
import type { ProjectDeps } from "../ports.js";
import { syncAgents } from "./sync-agents.js";

/** Where an agent's work stands on the host, after a sync. */
export interface AgentHead {
  readonly agent: AgentRef;
  /** Short name; undefined when detached. */
  readonly branch: string | undefined;
  /** Undefined: it is on a branch that has no commit yet. */
  readonly oid: string | undefined;
  /** Undefined when its files are not there. */
  readonly worktree: string | undefined;
  /** Why its commits are not, or not all, on the host. */
  readonly error: DevkitError | undefined;
}

/** Brings commits of some agents home, or of all, and answers where each agent's HEAD is on the host then. */
export async function loadAgentHeads(
  deps: ProjectDeps,
  selectors: readonly string[],
  spec: SpecOf,
): Promise<AgentHead[]> {
  const { synced, outcomes } = await syncAgents(deps, selectors, spec);
  const [observed, records] = await Promise.all([observePresent(deps), deps.worktrees.list()]);
  return Promise.all(
    selectAgents(selectors, observed).map(async (one): Promise<AgentHead> => {
      const { agent } = one;
      const place = agentPaths(deps.project, agent).worktree;
      const inside = synced.find((outcome) => outcome.agent.name === agent.name)?.head;
      const head = inside ?? onHost(one) ?? records.find((record) => record.path === place)?.head;
      const isRef = head?.startsWith("refs/") === true;
      return {
        agent,
        branch: isRef ? head.replace(/^refs\/heads\//, "") : undefined,
        oid: isRef ? await deps.history.findRef(head) : head,
        worktree: one.worktree.linked && one.worktree.checkedOut ? place : undefined,
        error: outcomes.find((outcome) => outcome.agent.name === agent.name)?.error,
      };
    }),
  );
}

function onHost({ worktree }: ObservedAgent): string | undefined {
  return worktree.branch === undefined ? undefined : `refs/heads/${worktree.branch}`;
}

/** Work that is not committed belongs to no answer about commits: says so. */
export async function warnAboutUncommitted(
  deps: ProjectDeps,
  heads: readonly AgentHead[],
  what: string,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { agent, worktree } of heads) {
    const files = worktree === undefined ? undefined : await deps.worktrees.status(worktree);
    const count = (files?.changed ?? 0) + (files?.untracked ?? 0);
    counts.set(agent.name, count);
    if (count > 0) {
      const files = count === 1 ? "1 file" : `${String(count)} files`;
      deps.progress.warn(`${agent.name} has ${files} with uncommitted changes, ${what}`);
    }
  }
  return counts;
}

export function warnAboutHeads(deps: ProjectDeps, heads: readonly AgentHead[]): void {
  for (const { agent, error } of heads) {
    if (error !== undefined)
      deps.progress.warn(`${agent.name}: not all its commits are on the host: ${error.message}`);
  }
}
