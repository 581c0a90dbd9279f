import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { Operation } from "../../domain/agents/plan.js";
import { reconcileUp } from "../../domain/agents/reconcile.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { hookStates, type HookState } from "../../domain/hooks/hook-states.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { loadHooks } from "../hooks/load-hooks.js";
import type { ProjectDeps, WorktreeStatus } from "../ports.js";
import { findChangedModules } from "../custody/changed-modules.js";
import { findEgress, findNetwork, findSlot, observeEgress } from "../egress/observe-egress.js";
import { isSealed } from "../egress/seals.js";
import { listAgents, type ListedAgent } from "./list.js";
import { isDevkitError } from "../../base/errors.js";

export interface AgentStatus extends ListedAgent {
  readonly home: string;
  /** What the host sees in its worktree; undefined when it is not there or cannot be looked at. */
  readonly files: WorktreeStatus | undefined;
  /** Submodules with changes that are in no commit. */
  readonly changedModules: readonly string[];
  /** What `agent up` would do for it, and why; undefined when the image it needs is not here. */
  readonly pending: readonly Operation[] | undefined;
  /** Its hooks that have commands, or have run. */
  readonly hooks: readonly HookState[];
  /** Of the container through which it reaches the outside; while that does not run, it reaches nothing. */
  readonly egress: ContainerState | undefined;
}

export interface StatusRequest {
  readonly selectors: readonly string[];
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  readonly settingsOf: SettingsOf;
}

/** Everything about some agents, or all. */
export async function describeAgents(
  deps: ProjectDeps,
  { selectors, spec, settingsOf }: StatusRequest,
): Promise<AgentStatus[]> {
  const [selected, seen] = await Promise.all([listAgents(deps, spec, selectors), observeEgress(deps)]);
  return Promise.all(
    selected.map(async (one): Promise<AgentStatus> => {
      const { home } = agentPaths(deps.project, one.agent);
      const hasFiles = one.observed.worktree.linked && one.observed.worktree.checkedOut;
      const wanted = await spec(one.agent).catch(() => undefined);
      const [files, changedModules] = await Promise.all([
        hasFiles ? tryStatus(deps, one) : undefined,
        hasFiles && wanted !== undefined ? findChangedModules({ ...deps, spec }, one.observed) : [],
      ]);
      const { container } = one.observed;
      const sealed =
        container !== undefined && (await isSealed(deps, one.agent, container, findSlot(seen, one.agent)));
      const network = { ...findNetwork(seen, one.agent), sealed };
      const hooks = await loadHooks(deps, settingsOf, one.agent, container);
      const pending =
        wanted === undefined
          ? undefined
          : reconcileUp([{ observed: one.observed, spec: wanted, network, hooks }]).operations;
      const egress = findEgress(seen, one.agent)?.state;
      return {
        ...one,
        home,
        files,
        changedModules,
        pending,
        egress,
        hooks: hooks === undefined ? [] : hookStates(hooks),
      };
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
