import { TASK_JSON, taskName } from "../../../output/views/tasks.js";
import { defineCommand } from "../../command.js";
import { ACTOR_OPTIONS, actorOf } from "./actor.js";
import { taskResult } from "./task-result.js";

export const taskCurrent = defineCommand({
  path: "task current",
  summary: "Say which task you, or an agent, works on",
  description:
    "Says which task you, or an agent, works on: of those that were begun and are claimed, the latest.",
  arguments: [],
  options: { agent: ACTOR_OPTIONS.agent },
  examples: ["devkit task current", "devkit task current --agent 2"],
  json: `{ task: ${TASK_JSON}|null }`,
  async run({ options, deps }) {
    const [{ currentOf }, { loadPool }] = await Promise.all([
      import("../../../app/tasks/list-tasks.js"),
      import("../../../app/tasks/load-pool.js"),
    ]);
    const tasks = await deps.tasks();
    const { agent } = await actorOf(deps, options);
    const task = currentOf(loadPool(tasks), agent);
    if (task === undefined)
      return {
        data: { task: null },
        human: () => `${agent} works on no task. Begin one: devkit task next --start`,
      };
    return { ...taskResult(tasks, "", task), human: () => taskName(task) };
  },
});
