import { TASK_JSON, taskData, taskName } from "../../../output/views/tasks.js";
import { defineCommand } from "../../command.js";

/** `devkit status` inside an agent; on the host that word shows what agents share. */
export const ownStatusCommand = defineCommand({
  path: "status",
  summary: "Say who you are, what you work on, and how the pool stands",
  arguments: [],
  options: {},
  examples: ["devkit status"],
  json: `{ agent, branch: string|null, task: ${TASK_JSON}|null, counts: { ready, pending, in_progress, done, backlog } }`,
  async run({ deps }) {
    const [{ ownStatus }, { waitsFor }] = await Promise.all([
      import("../../../app/endpoint/own-status.js"),
      import("../../../app/tasks/list-tasks.js"),
    ]);
    const tasks = await deps.tasks();
    const { agent, branch, task, counts } = ownStatus(tasks, tasks.self);
    return {
      data: {
        agent,
        branch: branch ?? null,
        task: task === undefined ? null : taskData({ task, waitsFor: waitsFor(tasks, task) }),
        counts,
      },
      human: () => {
        const { ready, pending, in_progress: begun, done } = counts;
        const work = task === undefined ? "none (begin one: devkit task next --start)" : taskName(task);
        const claim = task?.claim === undefined ? "" : ` (claim ${String(task.claim.number)})`;
        return [
          `Agent:  ${agent}`,
          ...(branch === undefined ? [] : [`Branch: ${branch}`]),
          `Task:   ${work}${claim}`,
          `Pool:   ${String(pending)} pending (${String(ready)} ready), ${String(begun)} in progress, ${String(done)} done`,
        ].join("\n");
      },
    };
  },
});
