import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { parseTaskId } from "../../domain/tasks/task-id.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";

/** The id that somebody typed. @throws DevkitError E_TASK_INPUT */
export function requireTaskId(text: string): string {
  const id = parseTaskId(text);
  if (id !== undefined) return id;
  throw new DevkitError("E_TASK_INPUT", `${quoteText(text.slice(0, 80))} is not the id of a task`, {
    hint: "ids look like TSK-1; see them: devkit task list",
  });
}

/** The task of an id as somebody typed it. @throws DevkitError E_TASK_INPUT, E_TASK_UNKNOWN, E_TASK_BROKEN */
export function requireTask({ store }: Pick<TaskDeps, "store">, text: string): Task {
  const id = requireTaskId(text);
  const task = store.find(id);
  if (task === undefined) throw taskUnknown(id);
  return task;
}

export function taskUnknown(id: string): DevkitError {
  return new DevkitError("E_TASK_UNKNOWN", `there is no task ${id}`, {
    hint: "see them: devkit task list",
    details: { task: id },
  });
}
