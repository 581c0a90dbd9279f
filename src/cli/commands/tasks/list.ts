import type { Roster } from "../../../domain/agents/agent.js";
import { isAgentName } from "../../../domain/agents/agent-name.js";
import { MAIN, TASK_STATUSES, type TaskStatus } from "../../../domain/tasks/task.js";
import { TASK_JSON, taskData, taskTable } from "../../../output/views/tasks.js";
import { defineCommand, flag, text, type OptionSpec } from "../../command.js";
import { parseAgentOption } from "../../agent-option.js";

const STATUS: OptionSpec<TaskStatus | undefined> = {
  flags: "-s, --status <status>",
  description: "only those",
  choices: TASK_STATUSES,
};

/** Also of an agent that is gone: its claims may still be there. */
function nameOf(asked: string, roster: Roster): string {
  if (asked === MAIN || isAgentName(asked)) return asked;
  return parseAgentOption(asked, roster, "see who has what: devkit task list").name;
}

export const taskList = defineCommand({
  path: "task list",
  summary: "List the tasks of the pool, the most urgent first, done ones last",
  description:
    "Lists the tasks of the pool, by priority and then by number; parked and done ones last. `>` is what you work on, `●` in progress, `○` pending, `⊘` blocked, `·` parked, `✓` done.",
  arguments: [],
  options: {
    status: STATUS,
    unblocked: flag("--unblocked", "only what is not done and waits for nothing"),
    agent: text("--agent <agent>", "only what this agent, or main, has claimed"),
    topic: text("--topic <topic>", "only what belongs to it"),
  },
  examples: ["devkit task list", "devkit task list --unblocked --json | jq -r '.data.tasks[].id'"],
  json: `{ tasks: [task], total, current: id|null }; each task: ${TASK_JSON}`,
  async run({ options, deps }) {
    const { listTasks } = await import("../../../app/tasks/list-tasks.js");
    const agent =
      options.agent === undefined ? undefined : nameOf(options.agent, (await deps.project()).roster);
    const { status, unblocked, topic } = options;
    const pool = await deps.tasks();
    const { tasks, total, current } = listTasks(pool, agent ?? pool.self, {
      ...{ status, unblocked, topic, agent },
    });
    return {
      data: { tasks: tasks.map(taskData), total, current: current?.id ?? null },
      human: () => {
        if (total === 0) return 'No tasks. Add one: devkit task add "Fix it"';
        return tasks.length === 0 ? "No such tasks." : taskTable(tasks, current?.id);
      },
    };
  },
});
