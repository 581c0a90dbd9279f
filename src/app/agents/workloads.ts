import type { Task } from "../../domain/tasks/task.js";
import { byRank } from "../../domain/tasks/task-order.js";
import type { AgentSession, Sessions } from "../ports-sessions.js";
import type { TaskDeps } from "../ports-tasks.js";

/** What an agent is to do, and where that can be watched. */
export interface Workload {
  /** What it has begun, the latest; else what it has claimed. */
  readonly task: Task | undefined;
  readonly session: AgentSession | undefined;
}

/** Of all agents, and of the user as `main`, from one look at the pool and one at tmux. */
export async function loadWorkloads({
  pool,
  sessions,
}: {
  readonly pool: Pick<TaskDeps, "store">;
  readonly sessions: Pick<Sessions, "list">;
}): Promise<(name: string) => Workload> {
  const shown = new Map((await sessions.list()).map((session) => [session.agent, session]));
  const tasks = new Map<string, Task>();
  for (const task of pool.store.load().tasks.values()) {
    const holder = task.claim?.agent;
    if (holder === undefined || task.status === "done") continue;
    const other = tasks.get(holder);
    if (other === undefined || isBefore(task, other)) tasks.set(holder, task);
  }
  return (name) => ({ task: tasks.get(name), session: shown.get(name) });
}

function isBefore(one: Task, other: Task): boolean {
  const began = ({ status, startedAt }: Task) =>
    status === "in_progress" ? Date.parse(startedAt ?? "") || 0 : -1;
  return (began(other) - began(one) || byRank(one, other)) < 0;
}
