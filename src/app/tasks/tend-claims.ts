import { isDevkitError } from "../../base/errors.js";
import { hasLapsed, isDue } from "../../domain/tasks/claims.js";
import type { Claim } from "../../domain/tasks/task.js";
import type { TaskDeps } from "../ports-tasks.js";
import { followHead } from "./follow-head.js";
import { renew } from "./free-claims.js";
import { givenBack } from "./release-claims.js";

/**
 * Renews the claims of agents that run, once half of their time is over, and gives back those that are over of agents that
 * do not: agents in containers, who have no engine to ask, get nothing of another's otherwise. While none runs there is
 * nobody to take it, and all stays as it is. Nothing else depends on it: who runs is asked for before a claim is given to
 * another. So trouble with it is only told.
 */
export async function tendClaims(deps: TaskDeps): Promise<void> {
  try {
    const due = { now: deps.now(), leaseMs: await deps.leaseMs() };
    const held = [...deps.store.load().tasks.values()].flatMap(({ id, claim }) =>
      claim !== undefined && isDue(claim, due) ? [{ id, claim }] : [],
    );
    // Asked after they were read: the answer is younger than what has lapsed.
    const running = held.length === 0 ? undefined : await deps.running();
    if (running === undefined || running.size === 0) return;
    for (const { id, claim } of held) {
      if (running.has(claim.agent)) await renew(deps, id, claim.agent);
      else if (hasLapsed(claim, due.now)) await giveBack(deps, id, claim);
    }
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    deps.progress.warn(`claims of tasks were not renewed: ${error.message}`);
  }
}

/** The very claim that was judged: its agent may have been started since, and have come back to it. */
export async function giveBack(
  deps: TaskDeps,
  id: string,
  { agent, number, expiresAt }: Claim,
): Promise<void> {
  const is = (claim: Claim | undefined) => claim?.number === number && claim.expiresAt === expiresAt;
  let before: Claim | undefined;
  await deps.store.update(id, (task) => {
    before = task.claim;
    return is(task.claim) ? givenBack(task) : task;
  });
  if (!is(before)) return;
  followHead(deps, agent, id);
  deps.progress.warn(`${id} is free again: ${agent}, which had it, does not run`);
}
