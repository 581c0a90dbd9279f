import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { Operation } from "../../domain/agents/plan.js";
import { reconcileUp } from "../../domain/agents/reconcile.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { hookStates, type HookState } from "../../domain/hooks/hook-states.js";
import { loadHooks } from "../hooks/load-hooks.js";
import type { Host, ProjectDeps, WorktreeStatus } from "../ports.js";
import { findChangedModules } from "../custody/changed-modules.js";
import {
  findEgress,
  findNetwork,
  findSlot,
  observeEgress,
  type ObservedEgress,
} from "../egress/observe-egress.js";
import { endpointState } from "../endpoint/find-trouble.js";
import { addPorts, type ListedPorts } from "../ports/list-ports.js";
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
  /** Its hooks that have commands, or have run. */
  readonly hooks: readonly HookState[];
  /** Of the container through which it reaches the outside; while that does not run, it reaches nothing. */
  readonly egress: ContainerState | undefined;
  /** Of the container through which it reaches the task pool. */
  readonly endpoint: ContainerState | undefined;
  readonly ports: ListedPorts;
}

export interface StatusRequest {
  readonly selectors: readonly string[];
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** The container it should have, with everything that its settings add. */
  readonly wanted: (agent: AgentRef) => Promise<ContainerSpec>;
  readonly settingsOf: SettingsOf;
  readonly host: Pick<Host, "user">;
}

/** Everything about some agents, or all. */
export async function describeAgents(deps: ProjectDeps, request: StatusRequest): Promise<AgentStatus[]> {
  const { selectors, spec } = request;
  const [selected, seen, endpoint] = await Promise.all([
    listAgents(deps, spec, selectors),
    observeEgress(deps),
    endpointState(deps),
  ]);
  const withPorts = await addPorts(deps, request, selected);
  return Promise.all(withPorts.map((one) => describe(deps, request, { ...one, endpoint }, seen)));
}

async function describe(
  deps: ProjectDeps,
  { spec, wanted: wantedOf, settingsOf }: StatusRequest,
  one: ListedAgent & Pick<AgentStatus, "ports" | "endpoint">,
  seen: ObservedEgress,
): Promise<AgentStatus> {
  const { agent, observed } = one;
  const { home } = agentPaths(deps.project, agent);
  const hasFiles = observed.worktree.linked && observed.worktree.checkedOut;
  if (observed.state.runtime === "host") return describeOnHost(deps, one, home);
  const found = await wantedOf(agent).catch((error: unknown) => toDevkitError(error));
  const [wanted, pendingError] = isDevkitError(found) ? [undefined, found] : [found, undefined];
  const [files, changedModules] = await Promise.all([
    hasFiles ? tryStatus(deps, one) : undefined,
    hasFiles && wanted !== undefined ? findChangedModules({ ...deps, spec }, observed) : [],
  ]);
  const { container } = observed;
  const sealed = container !== undefined && (await isSealed(deps, agent, container, findSlot(seen, agent)));
  const network = { ...findNetwork(seen, agent), sealed };
  const ports = one.ports.todo;
  const hooks = await loadHooks(deps, settingsOf, agent, container);
  const pending =
    wanted === undefined
      ? undefined
      : reconcileUp([{ observed, spec: wanted, network, ports, hooks }]).operations;
  const egress = findEgress(seen, agent)?.state;
  return {
    ...{ ...one, home, files, changedModules, pending, pendingError, egress },
    hooks: hooks === undefined ? [] : hookStates(hooks),
  };
}

/** `agent up` does nothing for one without a container. */
async function describeOnHost(
  deps: ProjectDeps,
  one: ListedAgent & Pick<AgentStatus, "ports">,
  home: string,
): Promise<AgentStatus> {
  const { linked, checkedOut } = one.observed.worktree;
  const files = linked && checkedOut ? await tryStatus(deps, one) : undefined;
  const nothing = { changedModules: [], pending: [], pendingError: undefined, hooks: [] };
  return { ...one, ...nothing, home, files, egress: undefined, endpoint: undefined };
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
