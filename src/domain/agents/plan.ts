import type { AgentRef } from "./agent.js";

/** What an operation does; the executor has one handler for each. */
export type OperationKind =
  | "git.sync"
  | "worktree.add"
  | "worktree.adopt"
  | "worktree.repair"
  | "worktree.checkout"
  | "worktree.reindex"
  | "state.create"
  | "git.create"
  | "caches.create"
  | "network.remove"
  | "network.create"
  | "network.attach"
  | "network.seal"
  | "container.remove"
  | "container.create"
  | "container.start"
  | "container.stop"
  | "ports.publish"
  | "ports.withdraw"
  | "hook.create"
  | "hook.warm"
  | "hook.start";

/** One step for one agent; `after` names steps of the same plan that have to succeed first. */
export interface Operation {
  /** `<agent>/<kind>`: unique within a plan. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly agent: AgentRef;
  /** Why, in words: what was observed that differs from what is wanted. */
  readonly cause: string;
  readonly after: readonly string[];
}

export interface Plan {
  readonly operations: readonly Operation[];
}

export function operationId(agent: AgentRef, kind: OperationKind): string {
  return `${agent.name}/${kind}`;
}

export interface Step {
  readonly kind: OperationKind;
  readonly cause: string;
}

/** Chains steps of one agent: each waits for the one before it, the first for `after`. */
export function chain(agent: AgentRef, steps: readonly Step[], after: readonly string[] = []): Operation[] {
  return steps.map((step, position) => {
    const previous = steps[position - 1];
    return {
      id: operationId(agent, step.kind),
      kind: step.kind,
      agent,
      cause: step.cause,
      after: previous === undefined ? after : [operationId(agent, previous.kind)],
    };
  });
}
