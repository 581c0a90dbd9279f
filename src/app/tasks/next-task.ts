import { isDevkitError } from "../../base/errors.js";
import { openBlockers } from "../../domain/tasks/blocking.js";
import type { Actor } from "../../domain/tasks/claims.js";
import { byRank } from "../../domain/tasks/task-order.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { createIsFree, type IsFree } from "./free-claims.js";
import { loadPool } from "./load-pool.js";
import { takeTask } from "./take-task.js";

/** What the others of many do to a task between seeing it and taking it. */
const TAKEN: readonly unknown[] = ["E_CLAIMED", "E_TASK_STATE", "E_TASK_UNKNOWN", "E_TASK_BROKEN"];

/**
 * The most urgent task that is ready and that nobody else has; with `start`, claimed and begun. Undefined when there is
 * none.
 */
export async function nextTask(
  deps: TaskDeps,
  actor: Pick<Actor, "agent">,
  { start }: { readonly start: boolean },
): Promise<Task | undefined> {
  const isFree = createIsFree(deps);
  const pool = loadPool(deps);
  const ready = [...pool.tasks.values()].filter(isOpen).sort(byRank);
  for (const task of ready) {
    if (openBlockers(task, pool).length > 0 || !(await isOffered(task, actor, isFree))) continue;
    if (!start) return task;
    const taken = await tryTake(deps, task, actor, isFree);
    if (taken !== undefined) return taken;
  }
  return undefined;
}

/** What somebody began and nobody has any more is as ready as what nobody began. */
function isOpen({ status }: Task): boolean {
  return status === "pending" || status === "in_progress";
}

async function isOffered(task: Task, { agent }: Pick<Actor, "agent">, isFree: IsFree): Promise<boolean> {
  const { claim, status } = task;
  if (claim === undefined) return true;
  // What it has claimed and not begun; what it has begun is not the next.
  if (claim.agent === agent) return status === "pending";
  return isFree(task, claim);
}

async function tryTake(
  deps: TaskDeps,
  { id }: Task,
  { agent }: Pick<Actor, "agent">,
  isFree: IsFree,
): Promise<Task | undefined> {
  try {
    return await takeTask(deps, { actor: { agent }, id, start: true }, isFree);
  } catch (error) {
    if (isDevkitError(error) && TAKEN.includes(error.code)) return undefined;
    throw error;
  }
}
