import { isDevkitError } from "../../base/errors.js";
import { finishTrash } from "../custody/finish-trash.js";
import type { AgentWork, KillWork } from "../ports-spawn.js";
import { findLeft, reapHolding, type ReapedAgent } from "../runs/reap.js";
import { releaseClaims } from "../tasks/release-claims.js";
import { endSession } from "./end-session.js";
import { observePresent } from "./observe.js";
import { settleAssign } from "./settle-assign.js";
import { undoSpawn } from "./spawn-undo.js";
import type { SpawnDeps } from "./spawn-deps.js";

/**
 * Ends or undoes what killed processes were in the middle of with single agents, and takes away those that were there for a
 * while only. Nothing to do costs a look into two directories. What cannot be ended now is told, and left to the next.
 */
export async function finishAgents(deps: SpawnDeps, now: Date, isMeant = all): Promise<void> {
  const left = (await deps.journal.left()).filter(isMeant);
  if (left.length === 0 && (await findLeft(deps, now)).length === 0) return;
  await deps.locks.hold("agents", () => finishLeft(deps, now, isMeant));
}

function all(_: AgentWork): boolean {
  return true;
}

/** The same for a caller that holds the agents' lock; answers those that were there for a while only. */
export async function finishLeft(deps: SpawnDeps, now: Date, isMeant = all): Promise<ReapedAgent[]> {
  const left = (await deps.journal.left()).filter(isMeant);
  const ephemeral = await findLeft(deps, now);
  if (left.length === 0 && ephemeral.length === 0) return [];
  // Their names may be younger than this process.
  deps.project.roster = deps.loadRoster();
  try {
    await finishTrash(deps);
    const shown = new Set((await deps.sessions.list()).map(({ agent }) => agent));
    for (const work of left) await finishOne(deps, work, { now, isShown: shown.has(work.agent.name) });
    return await reapHolding(deps, now);
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    const names = [...left, ...ephemeral].map(({ agent }) => agent.name).join(", ");
    deps.progress.warn(`what was cut off with ${names} cannot be ended yet: ${error.message}`);
    return [];
  }
}

interface Found {
  readonly now: Date;
  /** It has a session, which is the last thing that a spawned agent gets. */
  readonly isShown: boolean;
}

async function finishOne(deps: SpawnDeps, work: AgentWork, { now, isShown }: Found): Promise<void> {
  if (work.kind === "assign") {
    const step = deps.progress.step(work.agent, `ending what was cut off: assigning ${work.task}`);
    step.done((await settleAssign(deps, work)) ? `works on ${work.task}` : `${work.task} given back`);
    return;
  }
  if (work.kind === "kill") {
    await finishKill(deps, work);
    return;
  }
  if (isShown) {
    await deps.journal.end(work.agent);
    return;
  }
  const step = deps.progress.step(work.agent, "taking back what was cut off: spawning it");
  await undoSpawn(deps, work, now);
  step.done("taken back");
}

/** What has been taken away has no session and no claims; what has not is as it was, stopped at most. */
async function finishKill(deps: SpawnDeps, { agent }: KillWork): Promise<void> {
  const isThere = (await observePresent(deps)).some((one) => one.agent.name === agent.name);
  if (!isThere) {
    const step = deps.progress.step(agent, "ending what was cut off: removing it");
    await endSession(deps, agent);
    await releaseClaims(deps.pool, agent.name);
    await deps.notices.withdraw(agent);
    step.done("removed");
  }
  await deps.journal.end(agent);
}
