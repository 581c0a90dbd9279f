import { MAIN, TASK_PRIORITIES, type TaskPriority } from "../../../domain/tasks/task.js";
import { TASK_JSON } from "../../../output/views/tasks.js";
import { defineCommand, flag, text, words, type OptionSpec } from "../../command.js";
import { taskResult } from "./task-result.js";

const PRIORITY: OptionSpec<TaskPriority | undefined> = {
  flags: "-p, --priority <priority>",
  description: "p0 is the most urgent; p1 when it is not said",
  choices: TASK_PRIORITIES,
};

export const taskAdd = defineCommand({
  path: "task add",
  summary: "Add a task to the pool",
  description:
    "Adds a task to the pool, for whoever comes next. Here -p is the priority; overlays are chosen before the words: `devkit -p NAME task add …`.",
  arguments: [{ syntax: "<title>", description: "what is to be done, in one line" }],
  options: {
    priority: PRIORITY,
    backlog: flag("--backlog", "park it: it is not offered to anybody"),
    blockedBy: words("-b, --blocked-by <ids...>", "tasks that have to be done before"),
    description: text("-d, --description <text>", "more about it"),
    topic: words("-t, --topic <topics...>", "what it belongs to; without it, the topic of `topic use`"),
    scope: words("-s, --scope <globs...>", "files it is about"),
  },
  examples: [
    'devkit task add "Implement OAuth login" -p p0',
    'devkit task add "Rate limits" --blocked-by TSK-1 TSK-2 --topic api',
  ],
  json: `{ task: ${TASK_JSON} }`,
  async run({ args, options, deps }) {
    const { addTask } = await import("../../../app/tasks/add-task.js");
    const tasks = await deps.tasks();
    const current = tasks.local(MAIN)?.topic();
    const task = await addTask(tasks, {
      title: args[0] ?? "",
      description: options.description,
      status: options.backlog ? "backlog" : "pending",
      priority: options.priority,
      blockedBy: options.blockedBy ?? [],
      topics: options.topic ?? (current === undefined ? [] : [current]),
      scope: options.scope ?? [],
    });
    return { ...taskResult(tasks, "Created", task), human: () => `Created: ${task.id}` };
  },
});
