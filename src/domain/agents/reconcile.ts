import { describeDrift, type ContainerSpec } from "./container-spec.js";
import { LABELS } from "../identity/names.js";
import type { AgentPorts } from "../ports/published.js";
import { isLive, type ObservedAgent, type ObservedWorktree } from "./observed.js";
import { hookSteps, type AgentHooks, type ContainerChange } from "../hooks/hook-steps.js";
import { chain, type Operation, type Plan, type Step } from "./plan.js";

/** What one agent should be: running with this container, on a network with its egress. */
export interface DesiredAgent {
  readonly observed: ObservedAgent;
  readonly spec: ContainerSpec;
  readonly network: AgentNetwork;
  readonly ports: AgentPorts;
  /** Why its caches have to be made. */
  readonly cachesCause?: string | undefined;
  /** Undefined where they do not matter. */
  readonly hooks?: AgentHooks | undefined;
}

/** What there is of an agent's network. */
export interface AgentNetwork {
  /** The engine's id of it; undefined: it has none. */
  readonly id: string | undefined;
  /** Why it cannot stay where it is. */
  readonly misplaced: string | undefined;
  /** Whether the egress that is to serve it is on it. */
  readonly attached: boolean;
  /** Whether the packet filter was loaded since the container was started. */
  readonly sealed: boolean;
}

/** The plan that makes every desired agent exist and run. An agent that already does gets no operation. */
export function reconcileUp(desired: readonly DesiredAgent[]): Plan {
  return { operations: desired.flatMap(bringUp) };
}

/**
 * The plan that stops the given agents after bringing their commits home. `forwarded`: names of those whose ports are
 * forwarded; that ends too.
 */
export function reconcileDown(
  observed: readonly ObservedAgent[],
  forwarded: ReadonlySet<string> = new Set(),
): Plan {
  return {
    operations: observed.flatMap((one): Operation[] => {
      const isForwarded = forwarded.has(one.agent.name);
      const withdraw: Step[] = isForwarded ? [{ kind: "ports.withdraw", cause: "it is to be down" }] : [];
      if (one.container === undefined || !isLive(one.container)) return chain(one.agent, withdraw);
      const cause = `is ${one.container.state}`;
      const sync: Step[] =
        one.state.git && one.worktree.registered ? [{ kind: "git.sync", cause: "before it stops" }] : [];
      return chain(one.agent, [...sync, ...withdraw, { kind: "container.stop", cause }]);
    }),
  };
}

/**
 * What an agent's container was started with is torn down before anything it mounts is made anew, and brought up after:
 * a run that is killed in between leaves a container that is down, which the next one sees.
 */
function bringUp(desired: DesiredAgent): Operation[] {
  const { agent } = desired.observed;
  const { sync, remake } = worktreeSteps(desired.observed);
  const steps = [...remake, ...stateSteps(desired)];
  // The host's index is not mounted anywhere.
  const remade = steps.filter(({ kind }) => kind !== "worktree.reindex");
  const { tearDown, start } = containerSteps(desired, remade);
  const down = chain(agent, [...sync, ...tearDown]);
  const isDown = down.slice(-1).map(({ id }) => id);
  // The network is made while git checks files out.
  const network = chain(agent, networkSteps(desired.network), isDown);
  const before = chain(agent, steps, isDown);
  const ready = [...before.slice(-1), ...network.slice(-1)].map(({ id }) => id);
  const up = chain(agent, [...start, ...portSteps(desired.ports, start)], ready.length > 0 ? ready : isDown);
  const hooks = hookSteps(desired.hooks, changeOf(desired, start, tearDown));
  const isUp = [...ready, ...up.slice(-1).map(({ id }) => id)].slice(-1);
  return [...down, ...network, ...before, ...up, ...chain(agent, hooks, isUp)];
}

/** One that was only paused goes on where it was. */
function changeOf(
  { observed: { container } }: DesiredAgent,
  start: readonly Step[],
  tearDown: readonly Step[],
): ContainerChange {
  if (start.some(({ kind }) => kind === "container.create")) return "created";
  const isStarted = start.some(({ kind }) => kind === "container.start");
  return isStarted && (container?.state !== "paused" || tearDown.length > 0) ? "started" : "none";
}

function networkSteps({ id, misplaced, attached }: AgentNetwork): Step[] {
  const remove: Step[] = misplaced === undefined ? [] : [{ kind: "network.remove", cause: misplaced }];
  if (id === undefined || misplaced !== undefined) {
    const cause = misplaced === undefined ? "it has no network" : "its old one was removed";
    return [
      ...remove,
      { kind: "network.create", cause },
      { kind: "network.attach", cause: "its network is new" },
    ];
  }
  return attached ? [] : [{ kind: "network.attach", cause: "its egress is not on its network" }];
}

/** Last, so that an agent whose ports cannot be published is up all the same. */
function portSteps({ wanted, cause, present }: AgentPorts, start: readonly Step[]): Step[] {
  if (!wanted) return present ? [{ kind: "ports.withdraw", cause: "it publishes nothing" }] : [];
  const isStarted = start.some(({ kind }) => kind === "container.start");
  const why = isStarted ? "its container has just been started" : cause;
  return why === undefined ? [] : [{ kind: "ports.publish", cause: why }];
}

/** What makes an agent's worktree whole. */
export function worktreeSteps({ worktree, state }: ObservedAgent): { sync: Step[]; remake: Step[] } {
  // Commits the host has not seen yet come home first, so that they are what gets checked out again.
  const restoring: Step[] = state.git ? [{ kind: "git.sync", cause: "before the worktree is restored" }] : [];
  const missing = missingWorktree(worktree);
  if (missing !== undefined) {
    const add: Step = { kind: "worktree.add", cause: missing };
    const checkout: Step = { kind: "worktree.checkout", cause: "the worktree is new" };
    return { sync: restoring, remake: [add, checkout] };
  }
  if (!worktree.registered) {
    const adopt: Step = { kind: "worktree.adopt", cause: "its directory is not registered with git" };
    return { sync: restoring, remake: [adopt] };
  }
  const remake: Step[] = [];
  if (!worktree.linked) remake.push({ kind: "worktree.repair", cause: "its .git file is gone" });
  if (!worktree.checkedOut) {
    // A private git dir is only made after the first checkout: then the files are the agent's, and only the index is lost.
    const hasWork = state.git && worktree.directory === "files" && worktree.unfinished !== true;
    remake.push(
      hasWork
        ? { kind: "worktree.reindex", cause: "its index is gone" }
        : { kind: "worktree.checkout", cause: "its checkout was not finished" },
    );
  }
  return { sync: [], remake };
}

/** Why the worktree has to be made, or undefined when its files are there. */
function missingWorktree(worktree: ObservedWorktree): string | undefined {
  if (worktree.directory === "files") return undefined;
  if (worktree.registered && worktree.linked) return undefined;
  return worktree.registered ? "its directory was deleted" : "it has no worktree";
}

function stateSteps({ observed: { state }, cachesCause }: DesiredAgent): Step[] {
  const steps: Step[] = [];
  if (!state.home) steps.push({ kind: "state.create", cause: "it has no home" });
  // A new home is made with them.
  else if (cachesCause !== undefined) steps.push({ kind: "caches.create", cause: cachesCause });
  if (!state.git) steps.push({ kind: "git.create", cause: "it has no private git dir" });
  return steps;
}

/** The filter is gone with every stop of the container. */
const SEAL: Step = { kind: "network.seal", cause: "its container has just been started" };

interface ContainerSteps {
  readonly tearDown: Step[];
  readonly start: Step[];
}

function containerSteps(
  { observed: { container }, spec, network }: DesiredAgent,
  remade: readonly Step[],
): ContainerSteps {
  const create = (cause: string): Step[] => [
    { kind: "container.create", cause },
    { kind: "container.start", cause: "it is new" },
    SEAL,
  ];
  if (container === undefined) return { tearDown: [], start: create("it has no container") };
  if (container.state === "dead" || container.state === "removing") {
    const cause = `its container is ${container.state}`;
    return { tearDown: [{ kind: "container.remove", cause }], start: create("its old one was removed") };
  }
  if (container.configHash !== spec.labels[LABELS.configHash]) {
    const cause = describeDrift(container.config, spec);
    return { tearDown: [{ kind: "container.remove", cause }], start: create("its old one was removed") };
  }
  const attachment = container.networks.get(spec.network?.name ?? "");
  if (spec.network !== undefined && (network.id === undefined || attachment?.networkId !== network.id)) {
    const cause = network.id === undefined ? "its network is gone" : "it is on another network";
    return { tearDown: [{ kind: "container.remove", cause }], start: create("its old one was removed") };
  }
  const [first] = remade;
  if (first !== undefined && isLive(container)) {
    const stop: Step = { kind: "container.stop", cause: `what it mounts is made anew: ${first.cause}` };
    return { tearDown: [stop], start: [{ kind: "container.start", cause: "it was stopped for that" }, SEAL] };
  }
  if (container.state !== "running")
    return {
      tearDown: [],
      start: [{ kind: "container.start", cause: `its container is ${container.state}` }, SEAL],
    };
  const seal: Step = { kind: "network.seal", cause: "its container was started by somebody else" };
  return { tearDown: [], start: network.sealed ? [] : [seal] };
}
