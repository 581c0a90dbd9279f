import { TASK_JSON } from "../../../output/views/tasks.js";
import { defineCommand, type CommandResult } from "../../command.js";
import type { Deps } from "../../deps.js";
import { ACTOR_OPTIONS, actorOf, FORCE } from "./actor.js";
import { TASK_ID } from "./show.js";
import { taskResult } from "./task-result.js";

const OPTIONS = { ...ACTOR_OPTIONS, force: FORCE };

interface Asked {
  readonly agent: string | undefined;
  readonly claim: number | undefined;
  readonly force: boolean;
}

export const taskStart = defineCommand({
  path: "task start",
  summary: "Claim a task and begin it",
  description:
    "Claims a task and begins it: it is in progress, and its branch is the one you are on. Refused when somebody else has it, it waits for others or is done.",
  arguments: [TASK_ID],
  options: OPTIONS,
  examples: ["devkit task start TSK-1", "devkit task start TSK-1 --agent 2"],
  json: `{ task: ${TASK_JSON} }`,
  run: ({ args, options, deps }) => take(deps, args[0] ?? "", options, "start"),
});

export const taskClaim = defineCommand({
  path: "task claim",
  summary: "Claim a task for later, or renew a claim",
  description:
    "Claims a task without beginning it, so that nobody else takes it. An agent's claim holds for `[tasks] lease` and for as long as the agent runs; claiming it again renews it.",
  arguments: [TASK_ID],
  options: OPTIONS,
  examples: ["devkit task claim TSK-1 --agent 2"],
  json: `{ task: ${TASK_JSON} }`,
  run: ({ args, options, deps }) => take(deps, args[0] ?? "", options, "claim"),
});

async function take(deps: Deps, id: string, asked: Asked, what: "start" | "claim"): Promise<CommandResult> {
  const { takeTask } = await import("../../../app/tasks/take-task.js");
  const [tasks, actor] = [await deps.tasks(), await actorOf(deps, asked)];
  const task = await takeTask(tasks, { actor, id, start: what === "start" });
  if (what === "start") return taskResult(tasks, "Started", task);
  return taskResult(tasks, `Claimed (number ${String(task.claim?.number)})`, task);
}
