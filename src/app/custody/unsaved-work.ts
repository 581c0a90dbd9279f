import { showText } from "../../base/show-text.js";
import { toDevkitError } from "../../base/errors.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { UnsavedWork } from "../../domain/custody/unsaved-work.js";
import { agentRefPrefix, detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecOf } from "../agents/list.js";
import type { ProjectDeps } from "../ports.js";
import type { Elsewhere } from "../ports-trash.js";
import { inspectOnHost } from "../host-runtime/inspect-on-host.js";
import { findChangedModules } from "./changed-modules.js";
import { loadHostRefs } from "./host-refs.js";
import { findModuleCommits } from "./module-commits.js";
import { syncAgent } from "./sync.js";
import { requireClean, type SyncOutcome } from "./sync-outcome.js";

export interface InspectRequest {
  readonly spec: SpecOf;
  /** Commits that count as kept besides branches, remote branches and tags: the base may be any commit. */
  readonly keptCommits: readonly string[];
}

export interface Inspected {
  readonly work: UnsavedWork;
  readonly sync: SyncOutcome | undefined;
}

/** More branches than this are not told one by one. */
const TOLD_BRANCHES = 20;

/** Everything an agent has that is nowhere else, after its commits were brought home. */
export async function inspectWork(
  deps: ProjectDeps,
  observed: ObservedAgent,
  { spec, keptCommits }: InspectRequest,
): Promise<Inspected> {
  const { agent, container, worktree, state } = observed;
  const paths = agentPaths(deps.project, agent);
  const { sync, unsynced } = await trySync(deps, observed, spec);
  const isComparable = worktree.registered && worktree.linked && worktree.checkedOut;
  const needs = { ...deps, spec };
  const [files, modules, moduleCommits, activity, own, commands, onHost] = await Promise.all([
    isComparable && worktree.directory === "files"
      ? deps.worktrees.status(paths.worktree).catch(() => undefined)
      : undefined,
    isComparable ? findChangedModules(needs, observed) : [],
    state.git ? findModuleCommits(needs, observed) : [],
    deps.state.readActivity(paths),
    ownCommits(deps, observed, keptCommits),
    container?.state === "running" ? deps.engine.countExecs(container.id) : 0,
    state.runtime === "host" ? inspectOnHost(deps, observed, keptCommits) : undefined,
  ]);
  const work: UnsavedWork = {
    changed: files?.changed ?? 0,
    untracked: files?.untracked ?? 0,
    modules: modules.map(showText),
    uncomparedFiles: files === undefined && worktree.directory === "files",
    ...own,
    moduleCommits,
    stashes: activity.stashes,
    operations: activity.operations,
    commands,
    unsynced,
    ...onHost,
  };
  return { work, sync };
}

async function trySync(
  deps: ProjectDeps,
  observed: ObservedAgent,
  spec: SpecOf,
): Promise<{ sync: SyncOutcome | undefined; unsynced: string | undefined }> {
  let sync: SyncOutcome | undefined;
  try {
    const refs = await loadHostRefs(deps.history, observed.agent);
    sync = await syncAgent({ ...deps, spec }, observed, refs);
    requireClean(sync);
    return { sync, unsynced: undefined };
  } catch (error) {
    const known = toDevkitError(error);
    if (known.code === "E_BUG") throw error;
    return { sync, unsynced: known.message };
  }
}

async function ownCommits(
  deps: ProjectDeps,
  { agent }: ObservedAgent,
  commits: readonly string[],
): Promise<Pick<UnsavedWork, "branches" | "detached">> {
  const prefix = agentRefPrefix(agent);
  const elsewhere: Elsewhere = { except: prefix, commits };
  const branches = [...(await deps.refs.list(prefix.slice(0, -1)))];
  const tips = [...new Set(branches.map(([, oid]) => oid))];
  const total = await deps.refs.countOwn(tips, elsewhere);
  const told = total === 0 ? [] : branches.slice(0, TOLD_BRANCHES);
  const counts = await Promise.all(
    told.map(async ([ref, oid]) => {
      const own = await deps.refs.countOwn([oid], elsewhere);
      const isSquashed = own > 0 && (await hasLanded(deps, oid, commits));
      return { branch: ref.slice("refs/heads/".length), commits: isSquashed ? 0 : own };
    }),
  );
  const head = (await deps.refs.list(detachedRef(agent))).get(detachedRef(agent));
  const detached = head === undefined ? 0 : await deps.refs.countOwn([head], { except: undefined, commits });
  return { branches: counts.filter((one) => one.commits > 0), detached };
}

/** Whether one of the commits has all that the branch did, as other commits: squashed or rebased. */
async function hasLanded(deps: ProjectDeps, tip: string, commits: readonly string[]): Promise<boolean> {
  for (const base of commits) {
    const landing = await deps.refs.findLanding(tip, base);
    // What commits without changes say is in no other commit.
    if (landing !== undefined && landing !== "empty") return true;
  }
  return false;
}
