import { DevkitError } from "../../base/errors.js";
import { checkText, inputError } from "../../domain/tasks/check-draft.js";
import {
  requireHeld,
  requireProof,
  withoutClaim,
  withRenewal,
  type Actor,
} from "../../domain/tasks/claims.js";
import { TASK_LIMITS } from "../../domain/tasks/task-limits.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { followHead } from "./follow-head.js";
import { currentOf } from "./list-tasks.js";
import { loadPool } from "./load-pool.js";
import { requireTask } from "./require-task.js";
import { doneError } from "./take-task.js";

/** A task by its id, or the one the actor works on. */
export interface TaskChoice {
  readonly actor: Actor;
  readonly id: string | undefined;
}

/**
 * The task is done, and its claim over.
 * @throws DevkitError E_CLAIMED when the actor has it not, E_TASK_STATE when it was done before
 */
export async function finishTask(
  deps: TaskDeps,
  { actor, id, note }: TaskChoice & { readonly note: string | undefined },
): Promise<Task> {
  if (note !== undefined) checkText("the note", note);
  const now = deps.now().toISOString();
  return giveUp(deps, chooseTask(deps, { actor, id }), (task) => {
    // First, so that a claim that was lost is told from one that has done its work.
    requireProof(task, actor);
    if (task.status === "done") throw doneError(task);
    requireHeld(task, actor);
    const done: Task = { ...withoutClaim(task), status: "done", completedAt: now };
    return note === undefined ? done : withNote(done, { at: now, by: actor.agent, text: note });
  });
}

/**
 * Gives a task back: pending again, for whoever comes next.
 * @throws DevkitError E_CLAIMED when the actor has it not
 */
export async function releaseTask(deps: TaskDeps, { actor, id }: TaskChoice): Promise<Task> {
  return giveUp(deps, chooseTask(deps, { actor, id }), (task) => {
    requireProof(task, actor);
    if (task.status === "done") throw doneError(task);
    requireHeld(task, actor);
    const status = task.status === "backlog" ? "backlog" : "pending";
    return { ...withoutClaim(task), status, startedAt: undefined };
  });
}

/**
 * Adds a note, which anybody may; with the number of a claim, only who has that. Whoever notes on what they have
 * renews their claim.
 */
export async function noteOnTask(
  deps: TaskDeps,
  { actor, id, note }: { readonly actor: Actor; readonly id: string; readonly note: string },
): Promise<Task> {
  checkText("the note", note);
  const { agent } = actor;
  const now = deps.now();
  const lease = { agent, host: deps.host, now, leaseMs: await deps.leaseMs() };
  return deps.store.update(requireTask(deps, id).id, (task) => {
    requireProof(task, actor);
    return withNote(withRenewal(task, lease), { at: now.toISOString(), by: agent, text: note });
  });
}

/** A change after which whoever had the task has it no more. */
async function giveUp(deps: TaskDeps, { id }: Task, change: (task: Task) => Task): Promise<Task> {
  let holder: string | undefined;
  const task = await deps.store.update(id, (before) => {
    holder = before.claim?.agent;
    return change(before);
  });
  if (holder !== undefined) followHead(deps, holder, id);
  return task;
}

function withNote(task: Task, note: Task["notes"][number]): Task {
  if (task.notes.length < TASK_LIMITS.notes) return { ...task, notes: [...task.notes, note] };
  throw inputError(`${task.id} has ${String(task.notes.length)} notes, which is as many as a task can have`);
}

function chooseTask(deps: TaskDeps, { actor, id }: TaskChoice): Task {
  if (id !== undefined) return requireTask(deps, id);
  const current = currentOf(loadPool(deps), actor.agent);
  if (current !== undefined) return current;
  throw new DevkitError("E_TASK_UNKNOWN", `${actor.agent} works on no task`, {
    hint: "name one: devkit task list",
    details: { task: null },
  });
}
