import { DevkitError, toDevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { shellWord } from "../../base/shell-word.js";
import type { ProjectDeps } from "../ports.js";
import type { BaseCommit, WorktreeCare } from "../ports-worktrees.js";
import { observePresentWorktrees, selectWorktrees, type OwnWorktree } from "./observe.js";
import { pickOwn, requireBranch, type SyncedWorktree, type SyncRequest } from "./sync.js";

type Needs = ProjectDeps & { readonly care: WorktreeCare };

/**
 * Moves worktrees without an agent forward: to the upstream of their branch if it has one, else to the base or where its
 * remote has it. Never merges and never resets; what cannot simply move forward is left alone and named.
 */
export async function pullWorktrees(deps: Needs, request: SyncRequest): Promise<SyncedWorktree[]> {
  await fetchAll(deps, request);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    const base = await newestBase(deps, await deps.care.findBase(request.base));
    const selected = selectWorktrees(request.selectors, await observePresentWorktrees(deps));
    const results: SyncedWorktree[] = [];
    // One after the other: it is the checkout that takes time, and that already uses every core.
    for (const one of selected) {
      request.signal.throwIfAborted();
      results.push(await pullOne(deps, one, base, request));
    }
    return results;
  });
}

/** From each remote that the base or one of the branches comes from. */
async function fetchAll(deps: Needs, { base, selectors, signal }: SyncRequest): Promise<void> {
  const selected = selectWorktrees(selectors, await observePresentWorktrees(deps));
  const branches = selected
    .filter(({ isAgent }) => !isAgent)
    .map(({ record }) => record?.branch)
    .filter((branch) => branch !== undefined);
  const upstreams = await Promise.all(branches.map((branch) => deps.care.findUpstream(branch)));
  const { remote } = await deps.care.findBase(base);
  const remotes = new Set([remote, ...upstreams.map((upstream) => upstream?.remote)]);
  for (const name of remotes) {
    if (name === undefined) continue;
    const step = deps.progress.step(undefined, `fetching from ${name}`);
    await deps.care.fetch(name, signal).catch((error: unknown) => {
      step.fail(`cannot fetch from ${name}`);
      throw error;
    });
    step.done(`fetched from ${name}`);
  }
}

/** The base itself, unless its remote is ahead of it. */
async function newestBase({ care }: Needs, base: BaseCommit): Promise<string> {
  if (base.upstream === undefined) return base.oid;
  return (await care.compare(base.oid, base.upstream)).ahead === 0 ? base.upstream : base.oid;
}

async function pullOne(
  deps: Needs,
  one: OwnWorktree,
  base: string,
  { selectors }: SyncRequest,
): Promise<SyncedWorktree> {
  const { agent } = one.observed;
  const result = { agent, path: one.path, branch: one.record?.branch, from: one.record?.head, to: undefined };
  try {
    const refusal = pickOwn(one, selectors.length > 0);
    if (refusal !== undefined) return { ...result, result: "left", note: refusal, error: undefined };
    const { branch, head } = requireBranch(one);
    const target = (await deps.care.findUpstream(branch))?.oid ?? base;
    const { ahead, behind } = await deps.care.compare(head, target);
    if (behind === 0) return { ...result, result: "current", note: undefined, error: undefined };
    await requireStill(deps, one);
    if (ahead > 0) throw diverged(branch, ahead, behind, one.path);
    await deps.care.fastForward(one.path, target);
    return { ...result, to: target, result: "moved", note: undefined, error: undefined };
  } catch (error) {
    return { ...result, result: "left", note: undefined, error: toDevkitError(error) };
  }
}

/** @throws DevkitError E_WORK_IN_THE_WAY while there is something in it that moving could hurt */
async function requireStill({ worktrees }: Needs, { path }: OwnWorktree): Promise<void> {
  const unfinished = await worktrees.findUnfinished(path);
  const { changed } = await worktrees.status(path);
  if (unfinished === undefined && changed === 0) return;
  const what =
    unfinished === undefined
      ? `has ${countOf(changed, "changed file")}`
      : `is in the middle of a ${unfinished}`;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${path} ${what}`, {
    hint: `commit or stash them first: git -C ${shellWord(path)} status`,
  });
}

function diverged(branch: string, ahead: number, behind: number, path: string): DevkitError {
  return new DevkitError(
    "E_DIVERGED",
    `${branch} has ${countOf(ahead, "commit")} of its own and is ${String(behind)} behind`,
    { hint: `rebase or merge it yourself: git -C ${shellWord(path)} rebase` },
  );
}
