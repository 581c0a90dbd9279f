import type { FileChange } from "../../domain/custody/file-changes.js";
import type { CommitInfo } from "../../domain/custody/merge.js";
import type { RawPath } from "../../domain/custody/raw-path.js";
import { showPaths } from "../../domain/custody/raw-path.js";
import type { SpecOf } from "../agents/list.js";
import type { MergeDeps } from "../ports-merging.js";
import { loadAgentHeads, warnAboutHeads, type AgentHead } from "./agent-heads.js";
import { warnAboutInterruptedMerge } from "./finish-merge.js";

export interface DiffRequest {
  readonly selectors: readonly string[];
  /** What agents branch from: any commit of the primary's. */
  readonly base: string;
  readonly spec: SpecOf;
}

/** What one agent changed since it branched. */
export interface AgentDiff extends AgentHead {
  /** Where it branched; undefined when its history has nothing in common with the base. */
  readonly base: string | undefined;
  readonly commits: readonly CommitInfo[];
  /** Committed or not; without untracked ones. */
  readonly files: readonly FileChange[];
  /** Files whose changes are not committed, as far as git tracks them. */
  readonly uncommitted: readonly RawPath[];
  readonly untracked: readonly RawPath[];
}

/** Brings commits home, then compares each agent's files with the commit it branched from. */
export async function diffAgents(deps: MergeDeps, request: DiffRequest): Promise<AgentDiff[]> {
  await warnAboutInterruptedMerge(deps);
  const heads = await loadAgentHeads(deps, request.selectors, request.spec);
  warnAboutHeads(deps, heads);
  const base = await deps.history.requireCommit(request.base);
  return Promise.all(heads.map((head) => diffAgent(deps, head, base)));
}

async function diffAgent(deps: MergeDeps, head: AgentHead, from: string): Promise<AgentDiff> {
  const { agent, oid, worktree } = head;
  const { changes, merges } = deps;
  const base = oid === undefined ? undefined : await merges.mergeBase(from, oid);
  if (base === undefined)
    deps.progress.warn(`${agent.name} has no common history with the base: all it has is shown`);
  const start = base ?? (await changes.emptyTree());
  const tip = oid ?? start;
  const [commits, files, { changed, untracked }, gitlinks] = await Promise.all([
    oid === undefined ? [] : merges.commitsSince(from, oid),
    changes.files(worktree, start, tip),
    worktree === undefined ? { changed: [], untracked: [] } : changes.uncommitted(worktree),
    changes.gitlinks(start, tip),
  ]);
  if (gitlinks.length > 0)
    deps.progress.warn(`${agent.name} changed submodules, which are not compared: ${showPaths(gitlinks)}`);
  return { ...head, base, commits, files, uncommitted: changed, untracked };
}

/** Writes the same as a patch that `git apply` takes; untracked files are not in it. */
export async function writeAgentPatch(
  deps: MergeDeps,
  { agent, worktree, base, oid, untracked }: AgentDiff,
  sink: NodeJS.WritableStream,
): Promise<void> {
  if (untracked.length > 0)
    deps.progress.warn(
      `${agent.name} has untracked files, which are not in the patch: ${showPaths(untracked)}`,
    );
  const start = base ?? (await deps.changes.emptyTree());
  await deps.changes.writePatch(worktree, start, oid ?? start, sink);
}
