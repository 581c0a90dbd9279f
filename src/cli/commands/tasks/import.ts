import { taskData, taskName, TASK_JSON } from "../../../output/views/tasks.js";
import { countOf } from "../../../base/plural.js";
import { defineCommand, flag } from "../../command.js";

export const taskImport = defineCommand({
  path: "task import",
  summary: "Add tasks from a checklist, a JSON list or issues",
  description:
    "Adds all tasks of a list or none: a Markdown checklist (`- [ ] title (p0)`; what is nested has to be done first), a JSON list of objects with a title, or what `gh issue list --json number,title,body,labels` prints. " +
    "What an earlier import brought is known and left as it is. docs/tasks.md has the formats.",
  arguments: [
    { syntax: "[file]", description: "a file, or - for standard input, which is also the default" },
  ],
  options: { dryRun: flag("--dry-run", "say what would be added, and add nothing") },
  examples: [
    "devkit task import TODO.md --dry-run",
    "gh issue list --json number,title,body,labels | devkit task import",
  ],
  json: `{ dryRun, created: [task], known: [task] }; each task: ${TASK_JSON}`,
  async run({ args, options, deps }) {
    const { importTasks } = await import("../../../app/tasks/import-tasks.js");
    const tasks = await deps.tasks();
    const { dryRun } = options;
    const text = await tasks.readList(args[0] ?? "-");
    const { created, known } = await importTasks(tasks, { text, dryRun });
    return {
      data: { dryRun, created: created.map(taskData), known: known.map(taskData) },
      human: () => {
        const verb = dryRun ? "Would create" : "Created";
        const lines = created.map(({ task }) => `${verb}: ${taskName(task)}`);
        const already = known.length === 0 ? [] : [`${countOf(known.length, "task")} known already.`];
        return [...lines, ...already].join("\n");
      },
    };
  },
});
