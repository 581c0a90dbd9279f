import { withoutClaim } from "../../domain/tasks/claims.js";
import { byTaskId } from "../../domain/tasks/task-id.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { followHead } from "./follow-head.js";

/**
 * Gives back all that an agent has claimed, except `kept`: pending again, for whoever comes next. Answers the ids, by
 * number.
 */
export async function releaseClaims(
  deps: Pick<TaskDeps, "store" | "local" | "progress">,
  agent: string,
  kept?: string,
): Promise<string[]> {
  const { store } = deps;
  const held = [...store.load().tasks.values()].filter(
    ({ id, claim }) => claim?.agent === agent && id !== kept,
  );
  const released: string[] = [];
  for (const { id } of held) {
    await store.update(id, (task) => {
      if (task.claim?.agent !== agent) return task;
      released.push(id);
      return givenBack(task);
    });
    followHead(deps, agent, id);
  }
  return released.sort(byTaskId);
}

/** A task that nobody has any more. */
export function givenBack(task: Task): Task {
  const isOver = task.status === "done" || task.status === "backlog";
  return { ...withoutClaim(task), ...(isOver ? {} : { status: "pending", startedAt: undefined }) };
}
