import type { Task } from "./task.js";

/** All that could be read of the pool, and names of what could not. */
export interface Pool {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly broken: readonly BrokenFile[];
}

export interface BrokenFile {
  readonly name: string;
  /** Completes "TSK-1 …". */
  readonly problem: string;
}

/**
 * What a task waits for. A blocker whose file cannot be read may not be done; one that is gone holds nobody up.
 */
export function openBlockers(task: Task, { tasks, broken }: Pool): readonly string[] {
  if (task.blockedBy.length === 0) return task.blockedBy;
  return task.blockedBy.filter((id) => {
    const blocker = tasks.get(id);
    return blocker === undefined ? broken.some(({ name }) => name === id) : blocker.status !== "done";
  });
}

/**
 * The circle that `id` being blocked by `by` would close, from `id` round to `id`; undefined when it closes none.
 * However long chains are: it keeps no stack.
 */
export function findCycle(
  id: string,
  by: string,
  blockedBy: (id: string) => readonly string[],
): string[] | undefined {
  const cameFrom = new Map<string, string>([[by, id]]);
  const open = [by];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (current === id) return trace(cameFrom, id);
    for (const next of blockedBy(current)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, current);
      open.push(next);
    }
  }
  return undefined;
}

function trace(cameFrom: ReadonlyMap<string, string>, id: string): string[] {
  const back = [id];
  for (let at = cameFrom.get(id); at !== undefined && at !== id; at = cameFrom.get(at)) back.push(at);
  return [...back, id].reverse();
}
