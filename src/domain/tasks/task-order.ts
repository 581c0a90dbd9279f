import type { Task, TaskStatus } from "./task.js";
import { byTaskId } from "./task-id.js";

/** The order in which tasks are taken: the most urgent first, then as they came. */
export function byRank(a: Task, b: Task): number {
  if (a.priority !== b.priority) return a.priority < b.priority ? -1 : 1;
  return byTaskId(a.id, b.id);
}

const PLACES: Readonly<Record<TaskStatus, number>> = { in_progress: 0, pending: 0, backlog: 1, done: 2 };

/** The order in which they are listed: by rank, what is parked after that, what is done last. */
export function byPlace(a: Task, b: Task): number {
  return PLACES[a.status] - PLACES[b.status] || byRank(a, b);
}
