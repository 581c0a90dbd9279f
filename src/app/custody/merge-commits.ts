import { withoutControls } from "../../base/controls.js";
import { DevkitError } from "../../base/errors.js";
import type { CommitInfo } from "../../domain/custody/merge.js";
import { pathText, showPaths } from "../../domain/custody/raw-path.js";
import type { Conflict } from "../../domain/custody/tree-merge.js";
import type { Merges } from "../ports-merging.js";

export type MergeMode = "merge" | "squash" | "rebase";

export interface MergeInput {
  readonly mode: MergeMode;
  readonly agent: { readonly index: number; readonly name: string };
  /** What is merged: a branch or a commit, for messages. */
  readonly source: string;
  readonly from: string;
  readonly into: string;
  /** The branch's commit now. */
  readonly onto: string;
  readonly message: string | undefined;
}

/** A commit that has everything; nothing points at it yet. */
export interface MergedCommit {
  readonly kind: "none" | "fast-forward" | MergeMode;
  readonly oid: string;
  /** What came in, oldest first. */
  readonly commits: readonly CommitInfo[];
  /** Commits a rebase left out, because the branch has their changes. */
  readonly dropped: number;
}

/**
 * Computes a merge without touching a file or ref.
 * @throws DevkitError E_MERGE_CONFLICT, E_UNRELATED
 */
export async function mergeCommits(merges: Merges, input: MergeInput): Promise<MergedCommit> {
  const { from, onto, mode } = input;
  const none: MergedCommit = { kind: "none", oid: onto, commits: [], dropped: 0 };
  if (await merges.isAncestor(from, onto)) return none;
  if ((await merges.mergeBase(onto, from)) === undefined) throw unrelated(input);
  const commits = await merges.commitsSince(onto, from);
  const isForward = await merges.isAncestor(onto, from);
  if (mode === "rebase") return rebase(merges, input, { commits, isForward });
  if (isForward && mode === "merge") return { kind: "fast-forward", oid: from, commits, dropped: 0 };
  const tree = await mergeTree(merges, input);
  if (mode === "squash" && tree === (await merges.treeOf(onto))) return none;
  const parents = mode === "squash" ? [onto] : [onto, from];
  const text = input.message ?? defaultMessage(input, commits);
  const oid = await merges.commit({ tree, parents, message: text.endsWith("\n") ? text : `${text}\n` });
  return { kind: mode, oid, commits, dropped: 0 };
}

async function mergeTree(merges: Merges, input: MergeInput): Promise<string> {
  const merged = await merges.mergeTrees(input.onto, input.from);
  if (merged === undefined) throw unrelated(input);
  if (merged.conflicts.length > 0) throw conflict(input, merged.conflicts, undefined);
  return merged.tree;
}

async function rebase(
  merges: Merges,
  input: MergeInput,
  { commits, isForward }: { commits: readonly CommitInfo[]; isForward: boolean },
): Promise<MergedCommit> {
  const { from, onto } = input;
  const hasMerges = await merges.hasMerges(onto, from);
  if (isForward && !hasMerges) return { kind: "fast-forward", oid: from, commits, dropped: 0 };
  const { tip, replayed, dropped, stopped } = await merges.replay(onto, from);
  if (stopped !== undefined) throw conflict(input, stopped.conflicts, stopped.commit);
  if (hasMerges) await refuseLostMerges(merges, input, tip);
  if (replayed === 0) return { kind: "none", oid: onto, commits: [], dropped };
  return { kind: "rebase", oid: tip, commits, dropped };
}

/** Merges are left out, as by `git rebase`; what was decided in them must not be lost by that. */
async function refuseLostMerges(merges: Merges, input: MergeInput, tip: string): Promise<void> {
  const whole = await merges.mergeTrees(input.onto, input.from);
  if (whole?.conflicts.length === 0 && whole.tree === (await merges.treeOf(tip))) return;
  const { agent, source } = input;
  throw new DevkitError(
    "E_MERGE_CONFLICT",
    `${source} has merge commits, and without them its commits give something else`,
    {
      hint: `keep them: devkit agent merge ${String(agent.index)}, or --squash`,
      details: { agent: agent.name, into: input.into, files: [] },
    },
  );
}

function conflict(
  input: MergeInput,
  conflicts: readonly Conflict[],
  commit: CommitInfo | undefined,
): DevkitError {
  const { agent, into, onto } = input;
  const names = showPaths(conflicts.map(({ path }) => path));
  const which = commit === undefined ? agent.name : `${agent.name}'s commit ${commit.oid.slice(0, 12)}`;
  const verb = commit === undefined ? "merge" : "rebase";
  return new DevkitError("E_MERGE_CONFLICT", `${which} and ${into} are in conflict in ${names}`, {
    hint: `nothing was changed; let the agent resolve it: devkit exec ${String(agent.index)} -- git ${verb} ${onto.slice(0, 12)}`,
    details: {
      agent: agent.name,
      into,
      files: conflicts.map(({ path, kinds }) => ({ path: pathText(path), kinds })),
      ...(commit === undefined ? {} : { commit: commit.oid }),
    },
  });
}

function unrelated({ agent, into, source, onto }: MergeInput): DevkitError {
  return new DevkitError("E_UNRELATED", `${source} of ${agent.name} and ${into} have no common history`, {
    hint: `let the agent bring its work onto the branch: devkit exec ${String(agent.index)} -- git rebase --root --onto ${onto.slice(0, 12)}`,
    details: { agent: agent.name, into },
  });
}

function defaultMessage({ mode, agent, source }: MergeInput, commits: readonly CommitInfo[]): string {
  if (mode === "merge") return `Merge ${agent.name} (${source})`;
  const lines = commits.map(({ subject }) => `* ${withoutControls(subject)}`);
  return `Squash ${agent.name} (${source})\n\n${lines.join("\n")}`;
}
