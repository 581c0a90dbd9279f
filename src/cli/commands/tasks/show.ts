import { TASK_JSON, taskData, taskText } from "../../../output/views/tasks.js";
import { defineCommand } from "../../command.js";

/** The argument of commands for one task. */
export const TASK_ID = { syntax: "<task>", description: "its id, such as TSK-1" };

export const taskShow = defineCommand({
  path: "task show",
  summary: "Show everything of one task",
  arguments: [TASK_ID],
  options: {},
  examples: ["devkit task show TSK-1"],
  json: `{ task: ${TASK_JSON} }`,
  async run({ args, deps }) {
    const { showTask } = await import("../../../app/tasks/list-tasks.js");
    const shown = showTask(await deps.tasks(), args[0] ?? "");
    return { data: { task: taskData(shown) }, human: () => taskText(shown) };
  },
});
