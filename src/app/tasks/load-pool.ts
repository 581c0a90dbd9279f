import type { Pool } from "../../domain/tasks/blocking.js";
import { quoteText } from "../../base/show-text.js";
import type { TaskDeps } from "../ports-tasks.js";

const MOST = 20;

/** The pool, after saying what in it could not be read: that hides nothing else. */
export function loadPool({ store, progress }: Pick<TaskDeps, "store" | "progress">): Pool {
  const pool = store.load();
  for (const { name, problem } of pool.broken.slice(0, MOST))
    progress.warn(`${quoteText(name)} in the pool is no task: it ${problem}`);
  const more = pool.broken.length - MOST;
  if (more > 0) progress.warn(`${String(more)} more files in the pool are no tasks`);
  return pool;
}
