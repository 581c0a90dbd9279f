import { DevkitError } from "../../base/errors.js";
import { once } from "../../base/once.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isHeld, type ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { Operation } from "../../domain/agents/plan.js";
import { startBranch } from "../../domain/custody/private-git.js";
import { baseRef, lockReason } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { loadHostRefs } from "../custody/host-refs.js";
import { startWithCaches } from "../caches/start-with-caches.js";
import type { IdentityOf } from "../identity/agent-identity.js";
import { syncAgent } from "../custody/sync.js";
import { requireClean } from "../custody/sync-outcome.js";
import { moveIn } from "../worktrees/move-in.js";
import { isOid } from "../../domain/custody/refs.js";
import { withdrawPorts } from "../ports/withdraw-ports.js";
import { warnAboutCheckout } from "../custody/carried-files.js";
import { lendModules, takeModules } from "../custody/modules.js";
import type { AddWorktree, CarriedFiles, Host, ProjectDeps } from "../ports.js";
import type { Handlers } from "./execute.js";
import { releaseCommand } from "./release-command.js";

export interface OperationContext {
  readonly deps: ProjectDeps;
  readonly host: Host;
  readonly observed: ReadonlyMap<string, ObservedAgent>;
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** What a container mounts is made ready, right before it is created or started. */
  readonly prepare?: ((agent: AgentRef) => Promise<void>) | undefined;
  /** The commit branches of new agents start at. */
  readonly start: string;
  /** The branch of an agent that has none; undefined: its idle one. */
  readonly branchOf?: ((agent: AgentRef) => string) | undefined;
  /** Who a new agent is to git; a run that makes none needs it not. */
  readonly identityOf?: IdentityOf;
  /** Files of the primary that new worktrees get copies of. */
  readonly carried?: () => Promise<CarriedFiles>;
  /** Those of agents' networks; a run that makes none needs none. */
  readonly network?: NetworkHandlers;
  /** Those of published ports; a run that publishes none only withdraws them. */
  readonly ports?: PortHandlers;
  /** Makes what an agent's container mounts of the caches; a run that makes no containers needs it not. */
  readonly makeCaches?: (agent: AgentRef) => Promise<void>;
  /** Sets programs up in a new home; a run that makes no homes needs it not. */
  readonly addToolFiles?: (agent: AgentRef) => void;
  /** Puts into a new home what its agent was given of pools; a run that makes no homes needs it not. */
  readonly addLogins?: (agent: AgentRef) => void;
  /** Git hooks for a new private git dir; a run that makes none needs it not. */
  readonly addGitHooks?: (agent: AgentRef) => void;
  /** The same of hooks. */
  readonly hooks?: HookHandlers;
  /** Stop or replace a container even while commands run in it. */
  readonly force: boolean;
}

/** One handler for each kind of operation. Each is safe to run again after it was cut off anywhere. */
export function createHandlers(context: OperationContext): Handlers {
  const run: Run = { fresh: new Set(), heads: new Map() };
  return {
    ...worktreeHandlers(context, run),
    ...stateHandlers(context, run),
    ...networkHandlers(context),
    ...containerHandlers(context),
    "ports.publish": unplanned,
    "ports.withdraw": ({ agent }) => withdrawPorts(context.deps, agent),
    ...context.ports,
    ...(context.hooks ?? NO_HOOKS),
  };
}

export type NetworkHandlers = HandlersOf<"network">;
export type PortHandlers = HandlersOf<"ports">;
export type HookHandlers = HandlersOf<"hook">;

const unplanned = (): Promise<void> =>
  Promise.reject(new Error("a plan with networks, ports or hooks, but nobody to make them"));
const NO_NETWORK: NetworkHandlers = {
  "network.remove": unplanned,
  "network.create": unplanned,
  "network.attach": unplanned,
  "network.seal": unplanned,
};
const NO_HOOKS: HookHandlers = { "hook.create": unplanned, "hook.warm": unplanned, "hook.start": unplanned };

function networkHandlers({ network = NO_NETWORK, deps, spec }: OperationContext): NetworkHandlers {
  return {
    ...network,
    "network.seal": async (operation, step) => {
      await network["network.seal"](operation, step);
      if (isHeld(await spec(operation.agent))) await releaseCommand(deps, operation.agent);
    },
  };
}

/** What one run's operations know of one another, by agent name. */
interface Run {
  /** Agents whose branch this run made: it knows where that is without asking git again. */
  readonly fresh: Set<string>;
  /** Where an agent's own HEAD is, once its commits are home: a full ref or an object id. */
  readonly heads: Map<string, string>;
}

type HandlersOf<Prefix extends string> = Pick<Handlers, Extract<keyof Handlers, `${Prefix}.${string}`>>;

function worktreeHandlers(context: OperationContext, run: Run): HandlersOf<"worktree"> {
  const { fresh, heads } = run;
  const { worktrees, project } = context.deps;
  const worktreeOf = ({ agent }: Operation) => agentPaths(project, agent).worktree;
  const request = (operation: Operation): AddWorktree => {
    const common = { worktree: worktreeOf(operation), reason: lockReason(operation.agent) };
    const head = heads.get(operation.agent.name);
    // What the agent itself is on, or its files would look changed to it.
    if (head !== undefined && isOid(head)) return { ...common, branch: undefined, start: head };
    const branch = head?.replace(/^refs\/heads\//, "") ?? branchOf(context, operation.agent);
    return { ...common, branch, start: context.start };
  };
  return {
    "worktree.add": async (operation) => {
      if (await worktrees.add(request(operation))) fresh.add(operation.agent.name);
    },
    "worktree.adopt": (operation) => worktrees.adopt(request(operation)),
    "worktree.repair": (operation) => worktrees.repair(worktreeOf(operation)),
    "worktree.checkout": async (operation) => {
      const head = await headOf(context, run, operation.agent);
      const options = { trusted: head === context.start, modules: true, carried: await context.carried?.() };
      warnAboutCheckout(
        context.deps.progress,
        operation.agent,
        await worktrees.checkout(worktreeOf(operation), options),
      );
    },
    "worktree.reindex": (operation) => worktrees.reindex(worktreeOf(operation)),
  };
}

function stateHandlers(context: OperationContext, run: Run): HandlersOf<"state" | "git" | "caches"> {
  const { heads } = run;
  const { deps, spec } = context;
  const lent = once(() => deps.history.lent(context.start));
  const modules = once(() => lendModules(deps));
  return {
    "git.sync": async (operation) => {
      const refs = await loadHostRefs(deps.history, operation.agent);
      const outcome = await syncAgent({ ...deps, spec }, requireObserved(context, operation), refs);
      requireClean(outcome);
      if (outcome.head !== undefined) heads.set(operation.agent.name, outcome.head);
    },
    "state.create": async ({ agent }) => {
      const paths = agentPaths(deps.project, agent);
      const { mounts } = await spec(agent);
      const identity = context.identityOf?.(agent).config ?? [];
      await deps.state.createHome({ paths, user: context.host.user, identity, mounts });
      await context.makeCaches?.(agent);
      context.addToolFiles?.(agent);
      context.addLogins?.(agent);
    },
    "caches.create": async ({ agent }) => context.makeCaches?.(agent),
    "git.create": async ({ agent }) => {
      const paths = agentPaths(deps.project, agent);
      const moved = await moveIn(deps, requireObserved(context, { agent }));
      const branch = moved ?? branchOf(context, agent);
      const oid = await branchTip(context, run, agent, branch);
      // First the ref, then the borrowing: the host's garbage collection must never see the one without the other.
      await deps.history.setRef(baseRef(agent), oid);
      if (oid !== context.start) await deps.history.lend(agent, context.start);
      const index = await deps.worktrees.findIndex(paths.worktree);
      // From here on the submodules are the agent's.
      if (index !== undefined) await deps.worktrees.hideModules(paths.worktree);
      const ownModules = await takeModules(deps, agent, await modules());
      await deps.state.createPrivateGit(paths, { branch, oid, lent: await lent() }, index, ownModules);
      context.addGitHooks?.(agent);
    },
  };
}

function containerHandlers(context: OperationContext): HandlersOf<"container"> {
  const { engine } = context.deps;
  const created = new Map<string, string>();
  const containerId = (agent: AgentRef) => {
    const id = created.get(agent.name) ?? context.observed.get(agent.name)?.container?.id;
    if (id === undefined)
      throw new Error(`the plan uses a container of ${agent.name} that it did not create`);
    return id;
  };
  return {
    "container.remove": async ({ agent }) => {
      await refuseBusy(context, agent, containerId(agent));
      await engine.removeContainer(containerId(agent));
    },
    "container.create": async ({ agent }) => {
      await context.prepare?.(agent);
      created.set(agent.name, await engine.createContainer(await context.spec(agent)));
    },
    "container.start": async ({ agent }) => {
      await context.prepare?.(agent);
      const id = await startWithCaches(engine, containerId(agent), () => context.spec(agent));
      created.set(agent.name, id);
    },
    "container.stop": async ({ agent }) => {
      await refuseBusy(context, agent, containerId(agent));
      await engine.stopContainer(containerId(agent));
    },
  };
}

function requireObserved(context: OperationContext, { agent }: Pick<Operation, "agent">): ObservedAgent {
  const observed = context.observed.get(agent.name);
  if (observed === undefined) throw new Error(`the plan names ${agent.name}, which was not observed`);
  return observed;
}

/** The commit that an agent's worktree is at, before the agent is in it. */
async function headOf(context: OperationContext, run: Run, agent: AgentRef): Promise<string> {
  const head = run.heads.get(agent.name);
  if (head === undefined) return branchTip(context, run, agent);
  return isOid(head) ? head : ((await context.deps.history.findRef(head)) ?? context.start);
}

async function branchTip(
  context: OperationContext,
  { fresh }: Run,
  agent: AgentRef,
  branch = branchOf(context, agent),
): Promise<string> {
  if (fresh.has(agent.name)) return context.start;
  const found = await context.deps.history.findRef(`refs/heads/${branch}`);
  return found ?? context.start;
}

function branchOf(context: OperationContext, agent: AgentRef): string {
  return startBranch(agent, context.observed.get(agent.name)?.worktree.branch ?? context.branchOf?.(agent));
}

/** Looks right before the act: replacing a container ends whatever runs in it. */
async function refuseBusy(context: OperationContext, agent: AgentRef, id: string): Promise<void> {
  if (context.force || context.observed.get(agent.name)?.container?.state !== "running") return;
  const running = await context.deps.engine.countExecs(id);
  if (running === 0) return;
  const commands = running === 1 ? "1 command is" : `${String(running)} commands are`;
  throw new DevkitError(
    "E_AGENT_BUSY",
    `its container has to be replaced or restarted, but ${commands} running in it`,
    {
      hint: "wait for them to end, or end them with it: add --force",
      details: { agent: agent.name, running },
    },
  );
}
