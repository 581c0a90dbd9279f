import { toDevkitError } from "../../base/errors.js";
import { finishTask } from "../tasks/finish-task.js";
import type { RanAgent } from "./run-agents.js";
import type { RunDeps } from "./run-deps.js";

/** Of one that passed the task is done; that of another is given back with the agent. */
export async function settleTask(
  { pool }: Pick<RunDeps, "pool">,
  ran: RanAgent,
  run: string,
): Promise<RanAgent> {
  const { agent, task, reason } = ran;
  if (task === undefined || reason !== "passed") return ran;
  const note = `done by ${agent.name} in run ${run}`;
  try {
    await finishTask(pool, { actor: { agent: agent.name }, id: task.id, note });
    return ran;
  } catch (error) {
    // Its program may have said so itself.
    if (pool.store.find(task.id)?.status === "done") return ran;
    const problem = `${task.id} is not done: ${toDevkitError(error).message}`;
    return { ...ran, problems: [...ran.problems, problem] };
  }
}
