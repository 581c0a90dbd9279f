import { hasLapsed, withRenewal } from "../../domain/tasks/claims.js";
import type { Claim, Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";

/** Says whether a claim is up for whoever comes next; asks the engine only when there is a need. */
export type IsFree = (task: Task, claim: Claim) => Promise<boolean>;

/**
 * A claim is free when its lease is over and its agent does not run. One that turns out to run has its lease renewed.
 * Of another machine's agents only the lease is known; when no engine answers nothing is free.
 */
export function createIsFree(deps: TaskDeps): IsFree {
  const findRunning = createRunningSince(deps);
  return async (task, claim) => {
    if (!hasLapsed(claim, deps.now())) return false;
    if (claim.host !== undefined && claim.host !== deps.host) return true;
    const names = await findRunning(Date.parse(claim.expiresAt ?? ""));
    if (names === undefined) {
      deps.progress.warn(
        `whether ${claim.agent} still works on ${task.id} cannot be told: no engine answers; the user can free it: devkit task release ${task.id} --force`,
      );
      return false;
    }
    if (!names.has(claim.agent)) return true;
    await renew(deps, task.id, claim.agent);
    return false;
  };
}

/**
 * Who ran at some moment after `sinceMs`: an agent that was started later, and whose claim has come and lapsed since, is
 * not to be judged by an older answer.
 */
function createRunningSince(deps: TaskDeps): (sinceMs: number) => Promise<ReadonlySet<string> | undefined> {
  let seen: { readonly atMs: number; readonly names: ReadonlySet<string> | undefined } | undefined;
  return async (sinceMs) => {
    if (seen === undefined || seen.atMs < sinceMs) {
      const atMs = deps.now().getTime();
      seen = { atMs, names: await deps.running() };
    }
    return seen.names;
  };
}

/** Renews one agent's claim of one task; fine when it has it no more. */
export async function renew(deps: TaskDeps, id: string, agent: string): Promise<void> {
  const leaseMs = await deps.leaseMs();
  const lease = { agent, host: deps.host, now: deps.now(), leaseMs };
  await deps.store.update(id, (task) => withRenewal(task, lease));
}
