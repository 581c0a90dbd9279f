import { DevkitError } from "../../base/errors.js";
import { inputError } from "../../domain/tasks/check-draft.js";
import { findCycle, type Pool } from "../../domain/tasks/blocking.js";
import { byTaskId } from "../../domain/tasks/task-id.js";
import { TASK_LIMITS } from "../../domain/tasks/task-limits.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { requireTask, requireTaskId, taskUnknown } from "./require-task.js";

export interface ChangedTask {
  readonly task: Task;
  readonly changed: boolean;
}

/**
 * Makes a task wait for others.
 * @throws DevkitError E_TASK_CYCLE when that would go round
 */
export async function blockTask(deps: TaskDeps, id: string, by: readonly string[]): Promise<ChangedTask> {
  return deps.store.edit(async () => {
    const { id: known } = requireTask(deps, id);
    const blockers = by.map((one) => requireTask(deps, one).id);
    const pool = deps.store.load();
    for (const blocker of blockers) requireNoCycle(pool, known, blocker);
    return changeBlockers(deps, known, (before) => [...new Set([...before, ...blockers])]);
  });
}

/** Ends the waiting for one task, or for all. @throws DevkitError E_TASK_UNKNOWN when it waits for no such task */
export async function unblockTask(deps: TaskDeps, id: string, by: string | undefined): Promise<ChangedTask> {
  const blocker = by === undefined ? undefined : requireTaskId(by);
  return changeBlockers(deps, requireTask(deps, id).id, (before, task) => {
    if (blocker !== undefined && !before.includes(blocker)) throw notBlocking(task, blocker);
    return blocker === undefined ? [] : before.filter((one) => one !== blocker);
  });
}

/** The ids that a new task is to wait for, each known. */
export function requireBlockers(deps: Pick<TaskDeps, "store">, by: readonly string[]): string[] {
  return [...new Set(by.map((one) => requireTask(deps, one).id))];
}

function requireNoCycle({ tasks }: Pool, id: string, by: string): void {
  const cycle = findCycle(id, by, (one) => tasks.get(one)?.blockedBy ?? []);
  if (cycle === undefined) return;
  const shown = cycle.length > 12 ? [...cycle.slice(0, 6), "…", ...cycle.slice(-5)] : cycle;
  throw new DevkitError("E_TASK_CYCLE", `${id} would wait for itself: ${shown.join(" waits for ")}`, {
    hint:
      by === id
        ? "name another task"
        : `end one of these first: devkit task unblock ${by} --by ${cycle[2] ?? id}`,
    details: { cycle },
  });
}

async function changeBlockers(
  deps: TaskDeps,
  id: string,
  work: (before: readonly string[], task: Task) => readonly string[],
): Promise<ChangedTask> {
  let changed = false;
  const task = await deps.store.update(id, (before) => {
    const after = [...work(before.blockedBy, before)].sort(byTaskId);
    changed = after.length !== before.blockedBy.length;
    if (after.length > TASK_LIMITS.list) throw inputError(`${id} waits for too many tasks`);
    return changed ? { ...before, blockedBy: after } : before;
  });
  return { task, changed };
}

function notBlocking({ id, blockedBy }: Task, by: string): DevkitError {
  const known = taskUnknown(by);
  const waits = blockedBy.length === 0 ? "nothing" : blockedBy.join(", ");
  return new DevkitError(known.code, `${id} does not wait for ${by}; it waits for ${waits}`, {
    hint: `see it: devkit task show ${id}`,
    details: known.details,
  });
}
