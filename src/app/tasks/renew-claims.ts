import { isDevkitError } from "../../base/errors.js";
import { isDue } from "../../domain/tasks/claims.js";
import type { Task } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { renew } from "./free-claims.js";

/**
 * Renews the claims of agents that run, once half of their time is over. Nothing else depends on it: who runs is asked
 * for before a claim is given to another. So trouble with it is only told.
 */
export async function renewClaims(deps: TaskDeps, running: readonly string[]): Promise<void> {
  if (running.length === 0) return;
  try {
    const { tasks } = deps.store.load();
    const held = [...tasks.values()].filter(
      ({ claim }) => claim !== undefined && running.includes(claim.agent),
    );
    if (held.length === 0) return;
    const due = { now: deps.now(), leaseMs: await deps.leaseMs() };
    const isOld = ({ claim }: Task) => claim !== undefined && isDue(claim, due);
    for (const { id, claim } of held.filter(isOld)) await renew(deps, id, claim?.agent ?? "");
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    deps.progress.warn(`claims of tasks were not renewed: ${error.message}`);
  }
}
