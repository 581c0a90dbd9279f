import { assignedText } from "../../../output/views/spawn.js";
import { defineCommand, flag } from "../../command.js";

export const agentAssign = defineCommand({
  path: "agent assign",
  summary: "Give an agent another task",
  description:
    "Claims the task for the agent and begins it, on a branch for it that starts where new agents start; what the agent had is pending again, and its commits stay on their branch. " +
    "Refuses (5) a task that somebody else has, and an agent with uncommitted changes, which --force takes along. A running agent is told in its terminal and at its next call of devkit.",
  arguments: [
    { syntax: "<agent>", description: "index or name", completes: "agents" },
    { syntax: "<task>", description: "the id of a task" },
  ],
  options: { force: flag("--force", "also with uncommitted changes, which come along to the new branch") },
  examples: ["devkit agent assign agent-1 TSK-4", "devkit agent assign 2 TSK-3 --force"],
  json: "{ success: true, agent, task_id, task_title, branch, released_tasks: [id] }",
  async run({ args, options, deps }) {
    const { assignTask } = await import("../../../app/agents/assign.js");
    const [selector = "", task = ""] = args;
    const [spawning, { settings }] = await Promise.all([deps.spawning(), deps.config()]);
    const assigned = await assignTask(spawning, {
      ...{ selector, task, force: options.force, base: settings.project.base, now: new Date() },
    });
    return {
      data: {
        ...{ success: true, agent: assigned.agent.name },
        ...{ task_id: assigned.task.id, task_title: assigned.task.title },
        ...{ branch: assigned.branch, released_tasks: assigned.released },
      },
      human: () => assignedText(assigned.agent, assigned.task),
    };
  },
});
