import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { planSync } from "../../domain/custody/sync-plan.js";
import type { TrashEntry } from "../../domain/custody/trash.js";
import { NO_WORK } from "../../domain/custody/unsaved-work.js";
import { agentRefPrefix, baseRef, detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { removeCaches } from "../caches/remove-caches.js";
import { discardEntry } from "../custody/discard-entry.js";
import { finishRemoval } from "../custody/finish-trash.js";
import { loadHostRefs } from "../custody/host-refs.js";
import { describeEntry } from "../custody/trash-entry.js";
import type { SpawnWork } from "../ports-spawn.js";
import { releaseClaims } from "../tasks/release-claims.js";
import { endSession } from "./end-session.js";
import { observe } from "./observe.js";
import type { SpawnDeps } from "./spawn-deps.js";

/**
 * Takes back an agent whose making failed, or was cut off: session, claim, container, worktree, branch, home. The caller
 * holds the agents' lock. The note about it goes last, so that this is done again when it is cut off itself.
 */
export async function undoSpawn(deps: SpawnDeps, work: SpawnWork, now: Date): Promise<void> {
  const { agent } = work;
  await endSession(deps, agent);
  await releaseClaims(deps.pool, agent.name);
  const observed = (await observe(deps)).find((one) => one.agent.name === agent.name);
  // Before it was begun there is its name at most, unless somebody else has made one.
  if (observed !== undefined && (work.isBegun || !hasTrace(observed)))
    await discard(deps, observed, work, now);
  await deps.journal.end(agent);
}

/** A directory that git does not know is no trace: it is whoever's made it. */
function hasTrace(observed: ObservedAgent): boolean {
  return isPresent(observed) || observed.state.home;
}

/** By way of the trash, as every removal; what somebody has done in it all the same stays there. */
async function discard(
  deps: SpawnDeps,
  observed: ObservedAgent,
  { isBegun }: SpawnWork,
  now: Date,
): Promise<void> {
  const { agent } = observed;
  const isUsed = await hasCommits(deps, observed);
  const leavesFiles = !isBegun || !isOwnPlace(deps, observed);
  const described = await describeEntry(deps, agent, NO_WORK, now);
  const entry = { ...described, leavesFiles, ...(isUsed ? {} : { forAWhile: true }) };
  await removeCaches(deps, agent, deps.spec);
  await deps.trash.begin(entry);
  await finishRemoval(deps, { entry, stage: "removing", inTrash: false });
  // The files of a checkout that was cut off are nobody's.
  const { state } = observed;
  const hasWorked = state.git || (state.runtime === "host" && observed.worktree.checkedOut);
  const keepsFiles = hasWorked && (await findKept(deps, entry))?.keepsFiles === true;
  if (isUsed || keepsFiles) return;
  await discardEntry(deps, entry);
}

/** Beside the primary people have directories of their own. */
function isOwnPlace({ project }: SpawnDeps, { agent, worktree }: ObservedAgent): boolean {
  return worktree.registered || isWithin(agentPaths(project, agent).worktree, project.devkitDir);
}

/** Whether there are commits of it, in it or home already, that it did not start with. */
async function hasCommits(deps: SpawnDeps, { agent, state }: ObservedAgent): Promise<boolean> {
  if (!state.git && state.runtime === "container") return false;
  if (state.git) {
    const refs = await deps.state.readRefs(agentPaths(deps.project, agent));
    if (refs === undefined) return true;
    const host = await loadHostRefs(deps.history, agent);
    if (planSync(agent, refs, host, new Map()).updates.length > 0) return true;
  }
  const prefix = agentRefPrefix(agent);
  const home = await deps.refs.list(prefix.slice(0, -1), detachedRef(agent));
  const base = await deps.history.findRef(baseRef(agent));
  // Where it started may be on no branch.
  const commits = base === undefined ? [] : [base];
  return (await deps.refs.countOwn([...new Set(home.values())], { except: prefix, commits })) > 0;
}

async function findKept(deps: SpawnDeps, { id }: TrashEntry): Promise<TrashEntry | undefined> {
  return (await deps.trash.list()).find(({ entry }) => entry.id === id)?.entry;
}
