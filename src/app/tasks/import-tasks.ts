import { DevkitError, isDevkitError } from "../../base/errors.js";
import { checkDraft, inputError } from "../../domain/tasks/check-draft.js";
import type { ImportedTask } from "../../domain/tasks/imported.js";
import { readTaskList } from "../../domain/tasks/read-task-list.js";
import { formatTaskId, MAX_TASK_NUMBER } from "../../domain/tasks/task-id.js";
import { taskOf, type Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { requireBlockers } from "./block-task.js";
import { toListed, type ListedTask } from "./list-tasks.js";

export interface ImportOutcome {
  /** In the order of the list. */
  readonly created: readonly ListedTask[];
  /** Those of the list that an earlier import brought. */
  readonly known: readonly ListedTask[];
}

/**
 * Adds all tasks of a list, or none. What an earlier import brought is left as it is. With `dryRun` nothing is written,
 * and the ids are those that it would have now.
 * @throws DevkitError E_TASK_INPUT, E_TASK_CYCLE
 */
export async function importTasks(
  deps: TaskDeps,
  { text, dryRun }: { readonly text: string; readonly dryRun: boolean },
): Promise<ImportOutcome> {
  const list = readTaskList(text);
  for (const one of list) checkOne(deps, one);
  const order = creationOrder(list);
  const prefix = await deps.prefix();
  return deps.store.edit(async (editor) => {
    const pool = deps.store.load();
    const bySource = new Map([...pool.tasks.values()].map((task) => [task.source, task]));
    const known = list.map(({ draft }) => bySource.get(draft.source));
    const first = await editor.nextNumber();
    if (first + list.length > MAX_TASK_NUMBER) throw inputError("no numbers are left for so many tasks");
    let next = first;
    const ids = known.map((task) => task?.id ?? formatTaskId(prefix, next++));
    const now = deps.now().toISOString();
    const made = list.map(({ draft, after }, position) => {
      if (known[position] !== undefined) return undefined;
      const blockedBy = [...after.map((one) => ids[one] ?? ""), ...(draft.blockedBy ?? [])];
      return taskOf(ids[position] ?? "", { ...draft, blockedBy: [...new Set(blockedBy)] }, now);
    });
    if (!dryRun) await editor.create(order.flatMap((position) => made[position] ?? []));
    const created = made.filter(isTask);
    const after = {
      ...pool,
      tasks: new Map([...pool.tasks, ...created.map((task) => [task.id, task] as const)]),
    };
    const toRow = (task: Task) => toListed(task, after);
    return { created: created.map(toRow), known: known.filter(isTask).map(toRow) };
  });
}

function isTask(task: Task | undefined): task is Task {
  return task !== undefined;
}

function checkOne(deps: TaskDeps, { draft, place }: ImportedTask): void {
  try {
    checkDraft(draft);
    requireBlockers(deps, draft.blockedBy ?? []);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    const { code, message, hint = "see docs/tasks.md", details } = error;
    throw new DevkitError(code, `${place}: ${message}`, { hint, details, cause: error });
  }
}

/**
 * What others wait for comes first: were this process killed, nothing there would wait for what is not, and the same
 * import again would add the rest. @throws DevkitError E_TASK_CYCLE
 */
function creationOrder(list: readonly ImportedTask[]): number[] {
  const waiting = list.map(({ after }) => after.length);
  const followers = new Map<number, number[]>();
  for (const [position, { after }] of list.entries()) {
    for (const before of after) followers.set(before, [...(followers.get(before) ?? []), position]);
  }
  const order = waiting.flatMap((count, position) => (count === 0 ? [position] : []));
  // It grows while it is gone through.
  for (const position of order) {
    for (const follower of followers.get(position) ?? []) {
      const left = (waiting[follower] ?? 0) - 1;
      waiting[follower] = left;
      if (left === 0) order.push(follower);
    }
  }
  if (order.length === list.length) return order;
  const stuck = waiting.flatMap((count, position) => (count > 0 ? [list[position]?.place ?? ""] : []));
  throw new DevkitError("E_TASK_CYCLE", `these wait for each other: ${stuck.slice(0, 10).join(", ")}`, {
    hint: "take one of them out of blocked_by",
    details: { cycle: stuck },
  });
}
