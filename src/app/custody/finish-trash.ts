import {
  agentRefPatterns,
  parseTrashId,
  planRestoredRefs,
  planTrashRefs,
  trashRefPrefix,
  type TrashEntry,
  type TrashItem,
} from "../../domain/custody/trash.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import { lockReason } from "../../domain/identity/names.js";
import { agentPaths, trashPaths } from "../../domain/identity/project.js";
import { releasePorts } from "../ports/release-ports.js";
import { removeLooseVolumes } from "../caches/remove-loose-volumes.js";
import { finishHomeSwaps } from "../identity/finish-home-swaps.js";
import { releaseLogins } from "../logins/release-logins.js";
import { retakeLogins } from "../logins/retake-logins.js";
import { removeEndpoint } from "../endpoint/remove-endpoint.js";
import { removeNetworks } from "../egress/remove-networks.js";
import type { ProjectDeps } from "../ports.js";
import { modulePlaces, primaryPlace, type RefPlace } from "./ref-places.js";

export type TrashNeeds = Pick<
  ProjectDeps,
  | "project"
  | "engine"
  | "egress"
  | "endpoint"
  | "ports"
  | "worktrees"
  | "hostGit"
  | "history"
  | "refs"
  | "trash"
  | "ephemeral"
  | "homeSwaps"
  | "locks"
  | "homes"
  | "logins"
  | "progress"
>;

/**
 * Finishes removals and restores that were cut off, and answers what they were. Whoever brings agents up, removes or
 * restores some calls it first, holding the agents' lock. One that cannot be finished keeps no other from it; then the
 * first such error is thrown, for nothing may be done to an agent of which one half is gone.
 */
export async function finishTrash(deps: TrashNeeds): Promise<TrashItem[]> {
  const pending = (await deps.trash.list()).filter(({ stage }) => stage !== "kept");
  const failed = await finishHomeSwaps(deps);
  for (const item of pending) {
    const step = deps.progress.step(item.entry.agent, `finishing what was cut off: ${item.stage} it`);
    try {
      if (item.stage === "removing") await finishRemoval(deps, item);
      else await finishRestore(deps, item);
      step.done();
    } catch (error) {
      const known = toDevkitError(error);
      step.fail(known.message);
      failed.push(known);
    }
  }
  const [first] = failed;
  if (first !== undefined) throw first;
  return pending;
}

/**
 * Takes an agent away, once that is written down. Its container goes first, because it mounts everything; then the
 * files and the registration; then home and private git dir, in one rename, after which nothing can sync it any more;
 * and only then its refs. Whatever is done already is passed over.
 */
export async function finishRemoval(deps: TrashNeeds, { entry, inTrash }: TrashItem): Promise<void> {
  const { agent } = entry;
  await releasePorts(deps, agent);
  const containers = await deps.engine.listContainers("agent", deps.project.id);
  for (const { id } of containers.filter(({ agentName }) => agentName === agent.name)) {
    await deps.engine.removeContainer(id);
  }
  await removeNetworks(deps, agent);
  await removeEndpoint(deps, agent);
  await removeLooseVolumes(deps, agent);
  await releaseLogins(deps, agent);
  let { keepsFiles } = entry;
  await deps.locks.hold(`sync-${agent.name}`, async () => {
    if (!inTrash && entry.leavesFiles !== true) {
      keepsFiles ||= await hasChanges(deps, entry);
      if (keepsFiles !== entry.keepsFiles) await deps.trash.begin({ ...entry, keepsFiles });
      const { worktree } = agentPaths(deps.project, agent);
      await deps.trash.moveFiles(entry, "trash");
      if (entry.onHost === true && keepsFiles)
        await deps.hostGit.putAway(worktree, trashPaths(deps.project, entry.id).files);
      await deps.worktrees.unregister(worktree);
    }
    if (!inTrash) await deps.trash.moveState(entry, "trash");
    for (const place of await modulePlaces(deps)) await putRefsAway(place, { ...entry, commit: undefined });
    await putRefsAway(primaryPlace(deps), entry);
  });
  if (!keepsFiles) await deps.trash.removeFiles(entry.id);
  // Whoever is restored from there, or comes under that name, stays.
  await deps.ephemeral.forget(agent);
  await deps.trash.setStage({ entry, stage: "removing", inTrash: true }, "kept");
}

async function putRefsAway({ refs, inUse }: RefPlace, entry: TrashEntry): Promise<void> {
  const own = await refs.list(...agentRefPatterns(entry.agent));
  await refs.change(planTrashRefs(entry, own, await inUse()));
}

/** Looks once more: a removal can have been cut off long ago, and people work in worktrees too. */
async function hasChanges(deps: TrashNeeds, { agent, onHost = false }: TrashEntry): Promise<boolean> {
  const { worktree } = agentPaths(deps.project, agent);
  const { directory, linked, checkedOut } = await deps.worktrees.inspect(worktree);
  if (directory !== "files") return false;
  if (!linked || !checkedOut) return true;
  // What git forgets with the worktree belongs to the files.
  if (onHost && (await deps.hostGit.listModules(worktree)).length > 0) return true;
  if (onHost && (await deps.worktrees.findUnfinished(worktree)) !== undefined) return true;
  // The only git dir of such a repository is among the files.
  if ((await deps.worktrees.findEmbedded(worktree)).length > 0) return true;
  // What cannot be compared is kept: an agent can make git wait for ever for one of its files.
  return deps.worktrees.status(worktree).then(
    ({ changed, untracked }) => changed + untracked > 0,
    () => true,
  );
}

/** Brings an agent back, in the opposite order. A branch that exists elsewhere by now leaves it in the trash. */
export async function finishRestore(deps: TrashNeeds, { entry, inTrash }: TrashItem): Promise<void> {
  await deps.locks.hold(`sync-${entry.agent.name}`, async () => {
    if (inTrash) {
      await restoreRefs(deps, entry).catch(async (error: unknown) => {
        await deps.trash.setStage({ entry, stage: "restoring", inTrash: true }, "kept");
        throw error;
      });
      await deps.trash.moveFiles(entry, "agent");
      if (entry.onHost === true) await deps.hostGit.bringBack(agentPaths(deps.project, entry.agent).worktree);
      await restoreWorktree(deps, entry);
      await deps.trash.moveState(entry, "agent");
    }
    for (const { refs } of [...(await modulePlaces(deps)), primaryPlace(deps)]) {
      const left = await refs.list(prefixOf(entry));
      await refs.change([...left].map(([ref, from]) => ({ ref, from, to: undefined })));
    }
  });
  await retakeLogins(deps, entry.agent);
  await deps.trash.setStage({ entry, stage: "restoring", inTrash: false }, undefined);
}

/** In all places or, where something stands in the way in one, in none. */
async function restoreRefs(deps: TrashNeeds, entry: TrashEntry): Promise<void> {
  const plans = await Promise.all(
    [...(await modulePlaces(deps)), primaryPlace(deps)].map(async ({ refs }) => {
      const trash = await refs.list(prefixOf(entry));
      const current = await refs.list(...agentRefPatterns(entry.agent));
      return { refs, ...planRestoredRefs(entry, trash, current) };
    }),
  );
  const taken = plans.flatMap((plan) => plan.taken);
  const [first] = taken;
  if (first !== undefined) {
    const branch = first.replace(/^refs\/heads\//, "");
    throw new DevkitError("E_AGENT_EXISTS", `${first} exists already and is somewhere else`, {
      hint: `keep it under another name, then try again: git branch -m ${branch} other-name`,
      details: { refs: taken },
    });
  }
  for (const { refs, changes } of plans) await refs.change(changes);
}

/** As the host had it: registered, locked, on the same branch. Never checks out over files that were kept. */
async function restoreWorktree(deps: TrashNeeds, entry: TrashEntry): Promise<void> {
  const { agent, branch, commit, keepsFiles, onHost = false } = entry;
  // It had none that git knew: bringing the agent up registers what there is.
  if (commit === undefined) return;
  const { worktree } = agentPaths(deps.project, agent);
  const request = { worktree, branch, start: commit, reason: lockReason(agent) };
  const found = await deps.worktrees.inspect(worktree);
  const isKnown = (await deps.worktrees.list()).some((one) => one.path === worktree);
  if (keepsFiles) {
    if (!isKnown || !found.linked) await deps.worktrees.adopt(request);
    else if (!found.checkedOut) await deps.worktrees.reindex(worktree);
    return;
  }
  if (found.linked && found.checkedOut && isKnown) return;
  if (!isKnown || !found.linked) await deps.worktrees.add(request);
  // The commit of an agent in a container is its own: the user's filters do not run on it.
  await deps.worktrees.checkout(worktree, { trusted: onHost, modules: !onHost, carried: undefined });
}

function prefixOf({ agent, id }: TrashEntry): string {
  return trashRefPrefix(agent, parseTrashId(id)?.stamp ?? "").slice(0, -1);
}
