import { isDevkitError } from "../../base/errors.js";
import {
  findTaskTrailer,
  missingTrailers,
  type TaskAction,
  type Trailer,
} from "../../domain/checks/trailers.js";
import { TASK_LIMITS } from "../../domain/tasks/task-limits.js";
import type { Task } from "../../domain/tasks/task.js";
import type { CheckDeps } from "../ports-checks.js";
import type { TaskDeps } from "../ports-tasks.js";
import { finishTask } from "../tasks/finish-task.js";
import { currentOf } from "../tasks/list-tasks.js";

export interface HookDeps {
  readonly checks: Pick<CheckDeps, "local">;
  readonly tasks: TaskDeps;
}

/** What a commit's message does not say yet of what was verified, and of the task it was made for. */
export function commitTrailers(
  { checks, tasks }: HookDeps,
  request: { readonly agent: string; readonly existing: readonly string[]; readonly action: TaskAction },
): Trailer[] {
  const { agent, existing, action } = request;
  const current = action === "skip" ? undefined : findCurrent(tasks, agent);
  const task = current && { id: current.id, title: current.title, isDone: action === "done" };
  return missingTrailers(existing, { staged: checks.local(agent)?.staged() ?? [], task });
}

/**
 * A commit was made: what it says is verified is staged no more, the task it was made for is about its files, and done
 * if it says so.
 */
export async function afterCommit(
  { checks, tasks }: HookDeps,
  request: {
    readonly agent: string;
    readonly trailers: readonly string[];
    readonly files: readonly string[];
  },
): Promise<void> {
  const { agent, trailers, files } = request;
  const local = checks.local(agent);
  const staged = local?.staged() ?? [];
  const left = staged.filter(
    (one) => missingTrailers(trailers, { staged: [one], task: undefined }).length > 0,
  );
  if (left.length < staged.length) local?.setStaged(left);
  const named = findTaskTrailer(trailers);
  if (named === undefined || !isHeld(findTask(tasks, named.id), agent)) return;
  await tasks.store.update(named.id, (task) => (isHeld(task, agent) ? withScope(task, files) : task));
  if (named.isDone) await finishTask(tasks, { actor: { agent }, id: named.id, note: undefined });
}

/** HEAD is asked first, because reading the whole pool takes a while; it counts only if the pool agrees. */
function findCurrent(tasks: TaskDeps, agent: string): Task | undefined {
  const head = tasks.local(agent)?.head();
  const task = head === undefined ? undefined : findTask(tasks, head);
  return isHeld(task, agent) ? task : currentOf(tasks.store.load(), agent);
}

function isHeld(task: Task | undefined, agent: string): boolean {
  return task?.status === "in_progress" && task.claim?.agent === agent;
}

/** Undefined also for a file that is no task. */
function findTask({ store }: Pick<TaskDeps, "store">, id: string): Task | undefined {
  try {
    return store.find(id);
  } catch (error) {
    if (isDevkitError(error) && error.code === "E_TASK_BROKEN") return undefined;
    throw error;
  }
}

/** Names of files that no task can have in its scope are left out, and so is what would be too many. */
function withScope(task: Task, files: readonly string[]): Task {
  const fitting = files.filter(
    (file) => file.length <= TASK_LIMITS.entry && !/[\p{Cc}\u2028\u2029]/u.test(file),
  );
  const scope = [...new Set([...task.scope, ...fitting])].slice(
    0,
    Math.max(TASK_LIMITS.list, task.scope.length),
  );
  return scope.length === task.scope.length ? task : { ...task, scope };
}
