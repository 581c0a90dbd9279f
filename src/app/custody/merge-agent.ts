import { DevkitError, isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { FileChange } from "../../domain/custody/file-changes.js";
import { pathText, showPaths, type RawPath } from "../../domain/custody/raw-path.js";
import type { SpecOf } from "../agents/list.js";
import { requireSuccess } from "../agents/outcome.js";
import type { MergeDeps } from "../ports-merging.js";
import { loadAgentHeads, warnAboutUncommitted, type AgentHead } from "./agent-heads.js";
import { finishInterruptedMerge, warnAboutInterruptedMerge, warnAboutLeft } from "./finish-merge.js";
import { mergeCommits, type MergedCommit, type MergeMode } from "./merge-commits.js";
import { findMergeTarget, type MergeTarget } from "./merge-target.js";

export interface MergeRequest {
  readonly selector: string;
  readonly mode: MergeMode;
  /** Short name; undefined: the branch checked out in the primary. */
  readonly into: string | undefined;
  readonly message: string | undefined;
  readonly dryRun: boolean;
  readonly spec: SpecOf;
}

export interface MergeResult extends MergedCommit {
  readonly agent: AgentRef;
  readonly branch: string | undefined;
  readonly target: MergeTarget;
  readonly files: readonly FileChange[];
}

/** Brings an agent's commits home and merges them into a branch of the user's: all of it, or nothing at all. */
export async function mergeAgent(deps: MergeDeps, request: MergeRequest): Promise<MergeResult> {
  const head = await loadHead(deps, request);
  if (request.dryRun) {
    await warnAboutInterruptedMerge(deps);
    return deps.merges.aside((merges) => prepare({ ...deps, merges }, head, request));
  }
  return deps.locks.hold("merge", async () => {
    await finishInterruptedMerge(deps);
    const result = await prepare(deps, head, request);
    if (result.kind !== "none") await land(deps, result);
    return result;
  });
}

async function loadHead(
  deps: MergeDeps,
  { selector, spec }: MergeRequest,
): Promise<AgentHead & { readonly oid: string }> {
  const [head] = await loadAgentHeads(deps, [selector], spec);
  if (head === undefined) throw new Error(`no agent for ${selector}`);
  const { agent, error, oid, branch } = head;
  requireSuccess([{ agent, error }], 0);
  await warnAboutUncommitted(deps, [head], "which are not merged");
  if (oid !== undefined) return { ...head, oid };
  throw new DevkitError(
    "E_NO_COMMIT",
    `${agent.name} is on ${branch ?? "a branch"}, which has no commit yet`,
    {
      hint: `see what it did: devkit exec ${String(agent.index)} -- git status`,
    },
  );
}

/** Everything up to the last look before files or refs change. */
async function prepare(
  deps: MergeDeps,
  { agent, branch, oid }: AgentHead & { readonly oid: string },
  { mode, message, into }: MergeRequest,
): Promise<MergeResult> {
  const target = await findMergeTarget(deps, into);
  const source = branch ?? oid.slice(0, 12);
  const input = { mode, agent, source, from: oid, into: target.branch, onto: target.oid, message };
  const merged = await mergeCommits(deps.merges, input);
  const files = merged.kind === "none" ? [] : await deps.merges.changes(target.oid, merged.oid);
  const result = { ...merged, agent, branch, target, files };
  if (merged.kind !== "none") await refuseObstacles(deps, result);
  return result;
}

async function refuseObstacles(deps: MergeDeps, { agent, target, files }: MergeResult): Promise<void> {
  if (target.worktree === undefined) return;
  const changed = files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath]));
  const found = await deps.landing.obstacles(target.worktree, changed);
  if (found.operation !== undefined) {
    throw new DevkitError("E_BRANCH_IN_USE", `${found.operation} is not finished in ${target.worktree}`, {
      hint: `finish it first: git -C ${target.worktree} status`,
      details: { branch: target.branch, worktree: target.worktree },
    });
  }
  if (found.files.length > 0) throw inTheWay(agent, target, found.files);
}

function inTheWay(agent: AgentRef, { branch, worktree = "" }: MergeTarget, files: readonly RawPath[]) {
  return new DevkitError(
    "E_WORK_IN_THE_WAY",
    `${agent.name} changed files that have local changes in ${worktree}: ${showPaths(files)}`,
    {
      hint: `commit or stash them first (git -C ${worktree} stash -u), or move them away if git ignores them`,
      details: { branch, worktree, files: files.map(pathText) },
    },
  );
}

async function land(deps: MergeDeps, { agent, target, oid }: MergeResult): Promise<void> {
  const { ref, worktree, branch } = target;
  const move = { agent: agent.name, ref, from: target.oid, to: oid };
  if (worktree === undefined) {
    if (await deps.landing.moveBranch(move)) return;
    throw new DevkitError("E_GIT", `${branch} has moved meanwhile; nothing was changed`, {
      hint: "run the same command again",
    });
  }
  const journal = { ...move, worktree };
  await deps.landing.writeJournal(journal);
  try {
    await deps.landing.fastForward(journal);
  } catch (error) {
    // A file that cannot be written leaves those before it; if they cannot be put back now, the next merge does.
    const { outcome, left } = await deps.landing.settle(journal, "undo");
    await deps.landing.removeJournal();
    if (outcome === "undone") warnAboutLeft(deps, left);
    if (outcome === "finished") return;
    const files =
      isDevkitError(error) && error.code === "E_WORK_IN_THE_WAY" ? error.details["files"] : undefined;
    throw Array.isArray(files) ? inTheWay(agent, target, files as RawPath[]) : error;
  }
  await deps.landing.removeJournal();
}
