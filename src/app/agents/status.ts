import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { Operation } from "../../domain/agents/plan.js";
import { reconcileUp } from "../../domain/agents/reconcile.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProjectDeps, WorktreeStatus } from "../ports.js";
import { findChangedModules } from "../custody/changed-modules.js";
import { findEgress, findNetwork, findSlot, observeEgress } from "../egress/observe-egress.js";
import { isSealed } from "../egress/seals.js";
import { listAgents, type ListedAgent } from "./list.js";
import { isDevkitError, toDevkitError, type DevkitError } from "../../base/errors.js";

export interface AgentStatus extends ListedAgent {
  readonly home: string;
  /** What the host sees in its worktree; undefined when it is not there or cannot be looked at. */
  readonly files: WorktreeStatus | undefined;
  /** Submodules with changes that are in no commit. */
  readonly changedModules: readonly string[];
  /** What `agent up` would do for it, and why; undefined when the image is not here or a setting is refused. */
  readonly pending: readonly Operation[] | undefined;
  /** Why that cannot be told. */
  readonly pendingError: DevkitError | undefined;
  /** Of the container through which it reaches the outside; while that does not run, it reaches nothing. */
  readonly egress: ContainerState | undefined;
}

export interface StatusRequest {
  readonly selectors: readonly string[];
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** The container it should have, with everything that its settings add. */
  readonly wanted: (agent: AgentRef) => Promise<ContainerSpec>;
}

/** Everything about some agents, or all. */
export async function describeAgents(
  deps: ProjectDeps,
  { selectors, spec, wanted: wantedOf }: StatusRequest,
): Promise<AgentStatus[]> {
  const [selected, seen] = await Promise.all([listAgents(deps, spec, selectors), observeEgress(deps)]);
  return Promise.all(
    selected.map(async (one): Promise<AgentStatus> => {
      const { home } = agentPaths(deps.project, one.agent);
      const hasFiles = one.observed.worktree.linked && one.observed.worktree.checkedOut;
      const found = await wantedOf(one.agent).catch((error: unknown) => toDevkitError(error));
      const [wanted, pendingError] = isDevkitError(found) ? [undefined, found] : [found, undefined];
      const [files, changedModules] = await Promise.all([
        hasFiles ? tryStatus(deps, one) : undefined,
        hasFiles && wanted !== undefined ? findChangedModules({ ...deps, spec }, one.observed) : [],
      ]);
      const { container } = one.observed;
      const sealed =
        container !== undefined && (await isSealed(deps, one.agent, container, findSlot(seen, one.agent)));
      const network = { ...findNetwork(seen, one.agent), sealed };
      const pending =
        wanted === undefined
          ? undefined
          : reconcileUp([{ observed: one.observed, spec: wanted, network }]).operations;
      const egress = findEgress(seen, one.agent)?.state;
      return { ...one, home, files, changedModules, pending, pendingError, egress };
    }),
  );
}

/** What one agent did to its files must not hide the others. */
async function tryStatus(
  deps: ProjectDeps,
  { agent, worktree }: ListedAgent,
): Promise<WorktreeStatus | undefined> {
  try {
    return await deps.worktrees.status(worktree);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    deps.progress.warn(`${agent.name}: its files cannot be looked at: ${error.message}`);
    return undefined;
  }
}
