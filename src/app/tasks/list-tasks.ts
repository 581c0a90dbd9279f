import { openBlockers, type Pool } from "../../domain/tasks/blocking.js";
import { byPlace } from "../../domain/tasks/task-order.js";
import type { Task, TaskStatus } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { loadPool } from "./load-pool.js";
import { requireTask } from "./require-task.js";

/** A task, and which of its blockers are not done. */
export interface ListedTask {
  readonly task: Task;
  readonly waitsFor: readonly string[];
}

export interface TaskFilter {
  readonly status?: TaskStatus | undefined;
  /** Only what waits for nothing, and is not done. */
  readonly unblocked?: boolean;
  /** Only what this agent, or `main`, has claimed. */
  readonly agent?: string | undefined;
  readonly topic?: string | undefined;
}

export interface TaskList {
  readonly tasks: readonly ListedTask[];
  /** How many there are, whatever was asked for. */
  readonly total: number;
  /** What the asker works on. */
  readonly current: Task | undefined;
}

export function listTasks(
  deps: Pick<TaskDeps, "store" | "progress">,
  asker: string,
  filter: TaskFilter,
): TaskList {
  const pool = loadPool(deps);
  const all = [...pool.tasks.values()].sort(byPlace);
  const tasks = all.map((task) => toListed(task, pool)).filter((one) => isWanted(one, filter));
  return { tasks, total: all.length, current: currentOf(pool, asker) };
}

export function toListed(task: Task, pool: Pool): ListedTask {
  return { task, waitsFor: openBlockers(task, pool) };
}

/** One task with what it waits for, without reading all others. */
export function showTask(deps: Pick<TaskDeps, "store">, id: string): ListedTask {
  const task = requireTask(deps, id);
  return { task, waitsFor: waitsFor(deps, task) };
}

/** The blockers of one task that are not done; one that cannot be read may not be. */
export function waitsFor({ store }: Pick<TaskDeps, "store">, { blockedBy }: Task): string[] {
  return blockedBy.filter((id) => {
    try {
      const blocker = store.find(id);
      return blocker !== undefined && blocker.status !== "done";
    } catch {
      return true;
    }
  });
}

/** What an agent, or `main`, works on: of what it has started, the latest. */
export function currentOf({ tasks }: Pool, agent: string): Task | undefined {
  const own = [...tasks.values()].filter(
    ({ status, claim }) => status === "in_progress" && claim?.agent === agent,
  );
  const startOf = ({ startedAt }: Task) => Date.parse(startedAt ?? "") || 0;
  return own.sort((a, b) => startOf(b) - startOf(a) || byPlace(a, b))[0];
}

function isWanted({ task, waitsFor: open }: ListedTask, filter: TaskFilter): boolean {
  const { status, unblocked = false, agent, topic } = filter;
  return (
    (status === undefined || task.status === status) &&
    (!unblocked || (open.length === 0 && task.status !== "done")) &&
    (agent === undefined || task.claim?.agent === agent) &&
    (topic === undefined || task.topics.includes(topic))
  );
}
