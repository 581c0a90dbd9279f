import { DevkitError } from "../../base/errors.js";
import {
  claimedError,
  hasLapsed,
  requireProof,
  withClaim,
  type Actor,
  type Lease,
} from "../../domain/tasks/claims.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { createIsFree, type IsFree } from "./free-claims.js";
import { waitsFor } from "./list-tasks.js";
import { followHead, writeHead } from "./follow-head.js";
import { requireTask } from "./require-task.js";

export interface TakeRequest {
  readonly actor: Actor;
  readonly id: string;
  /** Whether work on it begins, too. */
  readonly start: boolean;
}

/**
 * Claims a task for the actor, or renews the claim it has.
 * @throws DevkitError E_CLAIMED when somebody else has it, E_TASK_STATE when it is done or waits for others
 */
export async function takeTask(
  deps: TaskDeps,
  { actor, id, start }: TakeRequest,
  isFree: IsFree = createIsFree(deps),
): Promise<Task> {
  const seen = requireTask(deps, id);
  requireProof(seen, actor);
  if (actor.force !== true) requireReady(deps, seen);
  // Asked before, because the engine may take its time; the very claim it was asked about is free, no later one.
  const { claim } = seen;
  const isInTheWay = claim !== undefined && claim.agent !== actor.agent && actor.force !== true;
  const freed = isInTheWay && (await isFree(seen, claim)) ? claim.number : undefined;
  const leaseMs = await deps.leaseMs();
  const lease: Lease = { agent: actor.agent, host: deps.host, now: deps.now(), leaseMs };
  const branch = start ? deps.findBranch(actor.agent) : undefined;
  let before: string | undefined;
  const taken = await deps.store.update(seen.id, (task) => {
    before = task.claim?.agent;
    requireProof(task, actor);
    if (task.status === "done" && actor.force !== true) throw doneError(task);
    requireFree(task, actor, freed, lease.now);
    const claimed = withClaim(task, lease);
    return start ? withStart(claimed, lease.now, branch) : claimed;
  });
  if (before !== undefined && before !== actor.agent) followHead(deps, before, taken.id);
  if (start) writeHead(deps, actor.agent, taken.id);
  return taken;
}

function requireFree(task: Task, actor: Actor, freed: number | undefined, now: Date): void {
  const { claim } = task;
  if (claim === undefined || claim.agent === actor.agent) return;
  const isOver = actor.force === true || (claim.number === freed && hasLapsed(claim, now));
  if (!isOver) throw claimedError(task, actor.agent);
}

function requireReady(deps: TaskDeps, task: Task): void {
  if (task.status === "done") throw doneError(task);
  const open = waitsFor(deps, task);
  if (open.length === 0) return;
  throw new DevkitError("E_TASK_STATE", `${task.id} waits for ${open.join(", ")}`, {
    hint: `see what is ready: devkit task next; or end the waiting: devkit task unblock ${task.id}`,
    details: { task: task.id, status: task.status, waits_for: open },
  });
}

export function doneError({ id, status }: Task): DevkitError {
  return new DevkitError("E_TASK_STATE", `${id} is done already`, {
    hint: `to work on it again: devkit task start ${id} --force`,
    details: { task: id, status, waits_for: [] },
  });
}

/** What is in progress already goes on as it was begun. */
function withStart(task: Task, now: Date, branch: string | undefined): Task {
  const began = task.status === "in_progress" ? task.startedAt : undefined;
  return {
    ...task,
    status: "in_progress",
    startedAt: began ?? now.toISOString(),
    completedAt: undefined,
    branch: branch ?? task.branch,
  };
}
