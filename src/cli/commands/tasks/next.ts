import { TASK_JSON, taskName } from "../../../output/views/tasks.js";
import { defineCommand, flag } from "../../command.js";
import { ACTOR_OPTIONS, actorOf } from "./actor.js";
import { taskResult } from "./task-result.js";

export const taskNext = defineCommand({
  path: "task next",
  summary: "Say which task is next, or begin it",
  description:
    "Says which task is next: the most urgent that is pending, waits for nothing and that nobody else has. What an agent had that does not run any more, once its lease is over, counts too.",
  arguments: [],
  options: {
    start: flag("--start", "claim it and begin, in one step"),
    agent: ACTOR_OPTIONS.agent,
  },
  examples: ["devkit task next", "devkit task next --start --agent 2"],
  json: `{ task: ${TASK_JSON}|null }`,
  async run({ options, deps }) {
    const { nextTask } = await import("../../../app/tasks/next-task.js");
    const tasks = await deps.tasks();
    const { start } = options;
    const task = await nextTask(tasks, await actorOf(deps, options), { start });
    if (task === undefined)
      return { data: { task: null }, human: () => "No task is ready. See them all: devkit task list" };
    const result = taskResult(tasks, "Started", task);
    return start ? result : { ...result, human: () => taskName(task) };
  },
});
