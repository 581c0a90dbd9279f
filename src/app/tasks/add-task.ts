import { checkDraft, inputError } from "../../domain/tasks/check-draft.js";
import { formatTaskId, MAX_TASK_NUMBER } from "../../domain/tasks/task-id.js";
import { taskOf, type Task, type TaskDraft } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { requireBlockers } from "./block-task.js";

/** @throws DevkitError E_TASK_INPUT, or E_TASK_UNKNOWN for what it is to wait for */
export async function addTask(deps: TaskDeps, draft: TaskDraft): Promise<Task> {
  checkDraft(draft);
  const prefix = await deps.prefix();
  const now = deps.now().toISOString();
  return deps.store.edit(async (editor) => {
    const blockedBy = requireBlockers(deps, draft.blockedBy ?? []);
    const number = await editor.nextNumber();
    // A file of such a name was made by hand.
    if (number > MAX_TASK_NUMBER)
      throw inputError("no numbers are left: some task has the highest there can be");
    const task = taskOf(formatTaskId(prefix, number), { ...draft, blockedBy }, now);
    await editor.create([task]);
    return task;
  });
}
