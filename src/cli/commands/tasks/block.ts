import { quoteText } from "../../../base/show-text.js";
import { DevkitError } from "../../../base/errors.js";
import type { ChangedTask } from "../../../app/tasks/block-task.js";
import type { TaskDeps } from "../../../app/ports-tasks.js";
import { TASK_JSON } from "../../../output/views/tasks.js";
import { defineCommand, text, words } from "../../command.js";
import { TASK_ID } from "./show.js";
import { taskResult } from "./task-result.js";

const JSON_SHAPE = `{ changed, task: ${TASK_JSON} }`;

export const taskBlock = defineCommand({
  path: "task block",
  summary: "Make a task wait for others",
  description:
    "Makes a task wait for others: it is not offered before they are done. Refused when that would go round.",
  arguments: [TASK_ID],
  options: { by: words("--by <ids...>", "what it waits for") },
  examples: ["devkit task block TSK-3 --by TSK-1"],
  json: JSON_SHAPE,
  async run({ args, options, deps }) {
    const [id = ""] = args;
    if (options.by === undefined)
      throw new DevkitError("E_USAGE", `task block needs to know what ${quoteText(id)} waits for`, {
        hint: "for example: devkit task block TSK-3 --by TSK-1",
      });
    const { blockTask } = await import("../../../app/tasks/block-task.js");
    const tasks = await deps.tasks();
    return toResult(tasks, await blockTask(tasks, id, options.by));
  },
});

export const taskUnblock = defineCommand({
  path: "task unblock",
  summary: "Let a task wait no longer",
  arguments: [TASK_ID],
  options: { by: text("--by <id>", "for this one only; otherwise for none at all") },
  examples: ["devkit task unblock TSK-3", "devkit task unblock TSK-3 --by TSK-1"],
  json: JSON_SHAPE,
  async run({ args, options, deps }) {
    const { unblockTask } = await import("../../../app/tasks/block-task.js");
    const tasks = await deps.tasks();
    return toResult(tasks, await unblockTask(tasks, args[0] ?? "", options.by));
  },
});

function toResult(tasks: TaskDeps, { task, changed }: ChangedTask) {
  const waits = task.blockedBy.length === 0 ? "nothing" : task.blockedBy.join(", ");
  return {
    data: { changed, ...(taskResult(tasks, "", task).data as object) },
    human: () => `${task.id} waits for ${waits}${changed ? "" : "; that was so already"}.`,
  };
}
