import { waitsFor } from "../../../app/tasks/list-tasks.js";
import type { TaskDeps } from "../../../app/ports-tasks.js";
import type { Task } from "../../../domain/tasks/task.js";
import { taskData, taskName } from "../../../output/views/tasks.js";
import type { CommandResult } from "../../command.js";

/** What a command that changed a task answers: the task, and a line such as `Started: TSK-1 - Fix it`. */
export function taskResult(deps: Pick<TaskDeps, "store">, verb: string, task: Task): CommandResult {
  return {
    data: { task: taskData({ task, waitsFor: waitsFor(deps, task) }) },
    human: () => `${verb}: ${taskName(task)}`,
  };
}
