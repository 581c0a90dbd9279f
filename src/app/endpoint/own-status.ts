import { openBlockers } from "../../domain/tasks/blocking.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { currentOf } from "../tasks/list-tasks.js";
import { loadPool } from "../tasks/load-pool.js";

/** What an agent sees of itself. */
export interface OwnStatus {
  readonly agent: string;
  readonly branch: string | undefined;
  /** What it works on. */
  readonly task: Task | undefined;
  readonly counts: TaskCounts;
}

/** How many tasks the pool has; `ready`: those of the pending ones that wait for nothing and nobody has. */
export interface TaskCounts {
  readonly ready: number;
  readonly pending: number;
  readonly in_progress: number;
  readonly done: number;
  readonly backlog: number;
}

export function ownStatus(
  deps: Pick<TaskDeps, "store" | "progress" | "findBranch">,
  agent: string,
): OwnStatus {
  const pool = loadPool(deps);
  const counts = { ready: 0, pending: 0, in_progress: 0, done: 0, backlog: 0 };
  for (const task of pool.tasks.values()) {
    counts[task.status] += 1;
    const isReady = task.status === "pending" && task.claim === undefined;
    if (isReady && openBlockers(task, pool).length === 0) counts.ready += 1;
  }
  return { agent, branch: deps.findBranch(agent), task: currentOf(pool, agent), counts };
}
