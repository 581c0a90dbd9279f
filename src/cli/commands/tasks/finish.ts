import { TASK_JSON } from "../../../output/views/tasks.js";
import { defineCommand, text } from "../../command.js";
import { ACTOR_OPTIONS, actorOf, FORCE } from "./actor.js";
import { TASK_ID } from "./show.js";
import { taskResult } from "./task-result.js";

const OR_CURRENT = { syntax: "[task]", description: "its id; without one, what the actor works on" };

export const taskDone = defineCommand({
  path: "task done",
  summary: "Say that a task is done",
  description:
    "Says that a task is done, and ends its claim. Refused when another has the task, or the claim of --claim is lost: an agent that comes late does not finish what is somebody else's by now.",
  arguments: [OR_CURRENT],
  options: { ...ACTOR_OPTIONS, message: text("-m, --message <note>", "a note for it"), force: FORCE },
  examples: ["devkit task done", 'devkit task done TSK-1 --agent 2 --claim 1 -m "see the branch"'],
  json: `{ task: ${TASK_JSON} }`,
  async run({ args, options, deps }) {
    const { finishTask } = await import("../../../app/tasks/finish-task.js");
    const [tasks, actor] = [await deps.tasks(), await actorOf(deps, options)];
    const task = await finishTask(tasks, { actor, id: args[0], note: options.message });
    return taskResult(tasks, "Done", task);
  },
});

export const taskRelease = defineCommand({
  path: "task release",
  summary: "Give a task back to the pool",
  description: "Gives a task back: it is pending again, for whoever comes next.",
  arguments: [OR_CURRENT],
  options: { ...ACTOR_OPTIONS, force: FORCE },
  examples: ["devkit task release TSK-1", "devkit task release TSK-1 --force"],
  json: `{ task: ${TASK_JSON} }`,
  async run({ args, options, deps }) {
    const { releaseTask } = await import("../../../app/tasks/finish-task.js");
    const [tasks, actor] = [await deps.tasks(), await actorOf(deps, options)];
    return taskResult(tasks, "Released", await releaseTask(tasks, { actor, id: args[0] }));
  },
});

export const taskNote = defineCommand({
  path: "task note",
  summary: "Add a note to a task",
  arguments: [TASK_ID, { syntax: "<text>", description: "the note" }],
  options: ACTOR_OPTIONS,
  examples: ['devkit task note TSK-1 "the tests are slow"'],
  json: `{ task: ${TASK_JSON} }`,
  async run({ args, options, deps }) {
    const { noteOnTask } = await import("../../../app/tasks/finish-task.js");
    const [tasks, actor] = [await deps.tasks(), await actorOf(deps, options)];
    const [id = "", note = ""] = args;
    return taskResult(tasks, "Noted", await noteOnTask(tasks, { actor, id, note }));
  },
});
