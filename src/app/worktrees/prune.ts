import { toDevkitError, type DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { lockReason } from "../../domain/identity/names.js";
import { isOwnBranch } from "../../domain/worktrees/branch.js";
import {
  judgeWorktree,
  trashRef,
  type Landing,
  type PruneFacts,
  type PruneVerdict,
} from "../../domain/worktrees/prune.js";
import { expireTrash } from "../custody/expire-trash.js";
import { careForHomes } from "../identity/care-for-homes.js";
import type { ProjectDeps } from "../ports.js";
import type { RefStore } from "../ports-trash.js";
import type { BaseCommit, RemoveWorktree, WorktreeCare } from "../ports-worktrees.js";
import { observePresentWorktrees, type OwnWorktree } from "./observe.js";

export interface PruneRequest {
  readonly base: string;
  readonly prefix: string | undefined;
  readonly apply: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface JudgedWorktree extends PruneVerdict {
  readonly agent: AgentRef;
  readonly path: string;
  readonly branch: string | undefined;
  readonly removed: boolean;
  /** The branch that was put away, and the ref that keeps it. */
  readonly trash: RemoveWorktree["branch"];
  readonly error: DevkitError | undefined;
}

type Needs = ProjectDeps & { readonly care: WorktreeCare };

/** Says of every worktree why it is kept or may go, and with `apply` removes those that may. */
export async function pruneWorktrees(deps: Needs, request: PruneRequest): Promise<JudgedWorktree[]> {
  const run = async () => {
    const base = await deps.care.findBase(request.base);
    const all = (await observePresentWorktrees(deps)).filter(({ state }) => state !== "unregistered");
    const judged = await Promise.all(all.map((one) => judge(deps, one, base, request)));
    if (!request.apply) return judged;
    const results: JudgedWorktree[] = [];
    for (const [position, one] of all.entries()) {
      request.signal.throwIfAborted();
      const verdict = judged[position];
      if (verdict === undefined) continue;
      results.push(verdict.removable ? await remove(deps, one, base, request) : verdict);
    }
    return results;
  };
  if (!request.apply) return run();
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    await expireTrash(deps, request.now);
    await careForHomes(deps, await deps.state.known(deps.project));
    return run();
  });
}

/** Looks again right before the act. */
async function remove(
  deps: Needs,
  one: OwnWorktree,
  base: BaseCommit,
  request: PruneRequest,
): Promise<JudgedWorktree> {
  const now = await judge(deps, one, base, request);
  if (!now.removable) return now;
  const step = deps.progress.step(one.observed.agent, "removing the worktree");
  try {
    await deps.care.remove({ worktree: one.path, branch: now.trash });
    step.done("worktree removed");
    return { ...now, removed: true };
  } catch (error) {
    const failure = toDevkitError(error);
    step.fail(failure.message);
    return { ...now, error: failure };
  }
}

async function judge(
  deps: Needs,
  one: OwnWorktree,
  base: BaseCommit,
  { prefix, now }: PruneRequest,
): Promise<JudgedWorktree> {
  const { agent } = one.observed;
  const { record } = one;
  const head = record?.head === undefined || /^0+$/.test(record.head) ? undefined : record.head;
  const facts = await learn(deps, one, base, head);
  const verdict = judgeWorktree(facts);
  const branch = record?.branch;
  const goes =
    verdict.removable &&
    facts.landing !== undefined &&
    branch !== undefined &&
    isOwnBranch(branch, agent, prefix);
  const trash =
    goes && head !== undefined
      ? { ref: `refs/heads/${branch}`, oid: head, trash: trashRef(agent, branch, now) }
      : undefined;
  return { agent, path: one.path, branch, ...verdict, removed: false, trash, error: undefined };
}

async function learn(
  { care, programs, refs, worktrees }: Needs,
  { observed, record, path, state, isAgent }: OwnWorktree,
  base: BaseCommit,
  head: string | undefined,
): Promise<PruneFacts> {
  const isWhole = state === "ready";
  const nothing: Landing = "ancestor";
  const [files, unfinished, submodules, processes, landing, distance] = await Promise.all([
    isWhole && !isAgent ? worktrees.status(path) : { changed: 0, untracked: 0 },
    isAgent ? undefined : worktrees.findUnfinished(path),
    care.hasSubmodules(path),
    programs.processesIn(path),
    head === undefined ? nothing : findLanding(refs, head, base),
    head === undefined ? undefined : care.compare(head, base.oid),
  ]);
  return {
    agent: observed.agent,
    container: observed.container?.state,
    hasState: isAgent,
    onHost: observed.state.runtime === "host",
    missing: state === "missing",
    broken: !isWhole && state !== "missing",
    foreignLock:
      record?.locked === true && record.reason !== lockReason(observed.agent)
        ? (record.reason ?? "")
        : undefined,
    unfinished,
    ...files,
    submodules,
    processes,
    landing,
    ownCommits: distance?.ahead ?? 0,
    base: base.branch ?? base.oid.slice(0, 12),
    branch: record?.branch,
  };
}

/** In the base, or in what its remote had of it when that was last fetched. */
async function findLanding(refs: RefStore, head: string, base: BaseCommit): Promise<Landing | undefined> {
  for (const oid of [base.oid, base.upstream]) {
    const landing = oid === undefined ? undefined : await refs.findLanding(head, oid);
    if (landing !== undefined) return landing;
  }
  return undefined;
}
