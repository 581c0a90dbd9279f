import { DevkitError } from "../../base/errors.js";
import { claimDetails, requireProof, type Actor } from "../../domain/tasks/claims.js";
import { byTaskId } from "../../domain/tasks/task-id.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { followHead } from "./follow-head.js";
import { requireTask } from "./require-task.js";

export interface RemovedTask {
  readonly task: Task;
  /** Tasks that waited for it and do so no more. */
  readonly freed: readonly string[];
}

/**
 * Removes a task for good. Refuses one that somebody has, or that others wait for, unless forced.
 * @throws DevkitError E_CLAIMED, E_TASK_STATE
 */
export async function removeTask(deps: TaskDeps, actor: Actor, asked: string): Promise<RemovedTask> {
  const check = (task: Task) => {
    requireProof(task, actor);
    if (task.claim !== undefined && actor.force !== true) throw stillClaimed(task);
  };
  return deps.store.edit(async (editor) => {
    const task = requireTask(deps, asked);
    check(task);
    const { id } = task;
    const all = [...deps.store.load().tasks.values()];
    const waiting = all.filter(({ blockedBy }) => blockedBy.includes(id)).map((one) => one.id);
    const open = all.filter((one) => waiting.includes(one.id) && one.status !== "done").map((one) => one.id);
    if (open.length > 0 && task.status !== "done" && actor.force !== true)
      throw awaited(task, open.sort(byTaskId));
    // First the others: a process that is killed here leaves nobody waiting for what is gone.
    for (const one of waiting) {
      await deps.store.update(one, (before) => ({
        ...before,
        blockedBy: before.blockedBy.filter((blocker) => blocker !== id),
      }));
    }
    await editor.remove(id, check);
    if (task.claim !== undefined) followHead(deps, task.claim.agent, id);
    return { task, freed: waiting.sort(byTaskId) };
  });
}

function stillClaimed(task: Task): DevkitError {
  return new DevkitError("E_CLAIMED", `${task.claim?.agent ?? ""} has claimed ${task.id}`, {
    hint: `give it back first: devkit task release ${task.id}; or: devkit task remove ${task.id} --force`,
    details: claimDetails(task),
  });
}

function awaited({ id, status }: Task, waiting: readonly string[]): DevkitError {
  return new DevkitError(
    "E_TASK_STATE",
    `${waiting.join(", ")} ${waiting.length === 1 ? "waits" : "wait"} for ${id}`,
    {
      hint: `end the waiting too: devkit task remove ${id} --force`,
      details: { task: id, status, waits_for: [] },
    },
  );
}
