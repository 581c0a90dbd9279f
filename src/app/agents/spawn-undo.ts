import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { planSync } from "../../domain/custody/sync-plan.js";
import { parseTrashId, trashRefPrefix, type TrashEntry } from "../../domain/custody/trash.js";
import { NO_WORK } from "../../domain/custody/unsaved-work.js";
import { agentPaths } from "../../domain/identity/project.js";
import { removeCaches } from "../caches/remove-caches.js";
import { finishRemoval } from "../custody/finish-trash.js";
import { loadHostRefs } from "../custody/host-refs.js";
import { describeEntry } from "../custody/trash-entry.js";
import type { SpawnWork } from "../ports-spawn.js";
import { releaseClaims } from "../tasks/release-claims.js";
import { observe } from "./observe.js";
import type { SpawnDeps } from "./spawn-deps.js";

/**
 * Takes back an agent whose making failed, or was cut off: session, claim, container, worktree, branch, home. The caller
 * holds the agents' lock. The note about it goes last, so that this is done again when it is cut off itself.
 */
export async function undoSpawn(deps: SpawnDeps, work: SpawnWork, now: Date): Promise<void> {
  const { agent } = work;
  if (await deps.sessions.available()) await deps.sessions.kill(agent.name);
  await releaseClaims(deps.pool, agent.name);
  const observed = (await observe(deps)).find((one) => one.agent.name === agent.name);
  // Before it was begun there is its name at most, unless somebody else has made one.
  if (observed !== undefined && (work.isBegun || !hasTrace(observed))) await discard(deps, observed, now);
  await deps.journal.end(agent);
}

function hasTrace(observed: ObservedAgent): boolean {
  const { worktree, state } = observed;
  return isPresent(observed) || worktree.directory !== "absent" || state.home;
}

/** By way of the trash, as every removal; what somebody has done in it all the same stays there. */
async function discard(deps: SpawnDeps, observed: ObservedAgent, now: Date): Promise<void> {
  const { agent } = observed;
  const isUsed = await hasCommits(deps, observed);
  const entry = await describeEntry(deps, agent, NO_WORK, now);
  await removeCaches(deps, agent, deps.spec);
  await deps.trash.begin(entry);
  await finishRemoval(deps, { entry, stage: "removing", inTrash: false });
  // The files of a checkout that was cut off are nobody's.
  const keepsFiles = observed.state.git && (await findKept(deps, entry))?.keepsFiles === true;
  if (isUsed || keepsFiles) return;
  await deps.trash.remove(entry.id);
  const refs = await deps.refs.list(trashRefPrefix(agent, parseTrashId(entry.id)?.stamp ?? "").slice(0, -1));
  await deps.refs.change([...refs].map(([ref, from]) => ({ ref, from, to: undefined })));
}

/** Whether there are commits in it that it did not start with. */
async function hasCommits(deps: SpawnDeps, { agent, state }: ObservedAgent): Promise<boolean> {
  if (!state.git) return false;
  const refs = await deps.state.readRefs(agentPaths(deps.project, agent));
  if (refs === undefined) return true;
  const host = await loadHostRefs(deps.history, agent);
  return planSync(agent, refs, host, new Map()).updates.length > 0;
}

async function findKept(deps: SpawnDeps, { id }: TrashEntry): Promise<TrashEntry | undefined> {
  return (await deps.trash.list()).find(({ entry }) => entry.id === id)?.entry;
}
