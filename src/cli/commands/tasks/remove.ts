import { TASK_JSON, taskData, taskName } from "../../../output/views/tasks.js";
import { defineCommand, flag } from "../../command.js";
import { actorOf } from "./actor.js";
import { TASK_ID } from "./show.js";

export const taskRemove = defineCommand({
  path: "task remove",
  summary: "Remove a task for good",
  description:
    "Removes a task for good; its id is not given again. Refused when somebody has claimed it, or others wait for it. Those that waited for it do so no more.",
  arguments: [TASK_ID],
  options: {
    force: flag("--force", "even if somebody has it or others wait for it"),
  },
  examples: ["devkit task remove TSK-3", "devkit task remove TSK-3 --force"],
  json: `{ freed: [id], task: ${TASK_JSON} }`,
  async run({ args, options, deps }) {
    const { removeTask } = await import("../../../app/tasks/remove-task.js");
    const [tasks, actor] = [await deps.tasks(), await actorOf(deps, options)];
    const { task, freed } = await removeTask(tasks, actor, args[0] ?? "");
    const also = freed.length === 0 ? "" : `\n  No longer waited for by: ${freed.join(", ")}`;
    return {
      data: { freed, task: taskData({ task, waitsFor: [] }) },
      human: () => `Removed: ${taskName(task)}${also}`,
    };
  },
});
