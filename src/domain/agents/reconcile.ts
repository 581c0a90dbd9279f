import { describeDrift, type ContainerSpec } from "./container-spec.js";
import { LABELS } from "../identity/names.js";
import type { ObservedAgent, ObservedContainer, ObservedWorktree } from "./observed.js";
import { chain, type Operation, type OperationKind, type Plan } from "./plan.js";

/** What one agent should be: running with this container. */
export interface DesiredAgent {
  readonly observed: ObservedAgent;
  readonly spec: ContainerSpec;
}

interface Step {
  readonly kind: OperationKind;
  readonly cause: string;
}

/** The plan that makes every desired agent exist and run. An agent that already does gets no operation. */
export function reconcileUp(desired: readonly DesiredAgent[]): Plan {
  return { operations: desired.flatMap(bringUp) };
}

/** The plan that stops the given agents after bringing their commits home. */
export function reconcileDown(observed: readonly ObservedAgent[]): Plan {
  return {
    operations: observed.flatMap((one): Operation[] => {
      if (one.container === undefined || !isLive(one.container)) return [];
      const cause = `is ${one.container.state}`;
      const sync: Step[] =
        one.state.git && one.worktree.registered ? [{ kind: "git.sync", cause: "before it stops" }] : [];
      return chain(one.agent, [...sync, { kind: "container.stop", cause }]);
    }),
  };
}

function bringUp({ observed, spec }: DesiredAgent): Operation[] {
  const worktree = worktreeSteps(observed);
  const state = stateSteps(observed);
  const container = containerSteps(observed, spec, [...worktree, ...state]);
  return chain(observed.agent, [...worktree, ...state, ...container]);
}

function worktreeSteps({ worktree, state }: ObservedAgent): Step[] {
  const missing = missingWorktree(worktree);
  if (missing !== undefined) {
    // Commits the host has not seen yet come home first, so that they are what gets checked out again.
    const sync: Step[] =
      worktree.registered && state.git
        ? [{ kind: "git.sync", cause: "before the worktree is restored" }]
        : [];
    const checkout: Step = { kind: "worktree.checkout", cause: "the worktree is new" };
    return [...sync, { kind: "worktree.add", cause: missing }, checkout];
  }
  const steps: Step[] = [];
  if (!worktree.registered)
    steps.push({ kind: "worktree.adopt", cause: "its directory is not registered with git" });
  else if (!worktree.linked) steps.push({ kind: "worktree.repair", cause: "its .git file is gone" });
  if (worktree.registered && !worktree.checkedOut) {
    steps.push({ kind: "worktree.checkout", cause: "its checkout was not finished" });
  }
  return steps;
}

/** Why the worktree has to be made, or undefined when its files are there. */
function missingWorktree(worktree: ObservedWorktree): string | undefined {
  if (worktree.directory === "files") return undefined;
  if (worktree.registered && worktree.linked) return undefined;
  return worktree.registered ? "its directory was deleted" : "it has no worktree";
}

function stateSteps({ state }: ObservedAgent): Step[] {
  const steps: Step[] = [];
  if (!state.home) steps.push({ kind: "state.create", cause: "it has no home" });
  if (!state.git) steps.push({ kind: "git.create", cause: "it has no private git dir" });
  return steps;
}

function containerSteps({ container }: ObservedAgent, spec: ContainerSpec, before: readonly Step[]): Step[] {
  const create = (cause: string): Step[] => [
    { kind: "container.create", cause },
    { kind: "container.start", cause: "it is new" },
  ];
  if (container === undefined) return create("it has no container");
  if (container.state === "dead" || container.state === "removing") {
    return [
      { kind: "container.remove", cause: `its container is ${container.state}` },
      ...create("it was removed"),
    ];
  }
  if (container.configHash !== spec.labels[LABELS.configHash]) {
    const cause = describeDrift(container.config, spec);
    return [{ kind: "container.remove", cause }, ...create(cause)];
  }
  if (container.state !== "running")
    return [{ kind: "container.start", cause: `its container is ${container.state}` }];
  // A running container still sees the directories it was started with, not the ones made in their place.
  const remade = before.find(({ kind }) => kind !== "git.sync" && kind !== "worktree.checkout");
  return remade === undefined
    ? []
    : [{ kind: "container.restart", cause: `its mounts are stale: ${remade.cause}` }];
}

function isLive(container: ObservedContainer): boolean {
  return container.state === "running" || container.state === "paused" || container.state === "restarting";
}
