import type { Distance } from "../../../app/ports-worktrees.js";
import type { DescribedWorktree } from "../../../app/worktrees/status.js";
import { defineCommand } from "../../command.js";
import { toWorktreeData } from "./list.js";

export const worktreesStatus = defineCommand({
  path: "worktrees status",
  summary: "Show how worktrees stand to their files, the base and their upstream",
  description:
    "Shows changed and untracked files, commits ahead of and behind [project] base and the branch's upstream, and the last commit. " +
    "Of an agent it shows what came home with the last sync: `agent status` asks the agent itself.",
  arguments: [
    { syntax: "[worktree...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit worktrees status", "devkit worktrees status 2 --json"],
  json: "{ worktrees: [{ …as in worktrees list, changed: number|null, untracked: number|null, unfinished: string|null, base: { ahead, behind }|null, upstream: { ref, ahead, behind }|null, commit: { oid, time, subject }|null }] }",
  async run({ args, deps }) {
    const { describeWorktrees } = await import("../../../app/worktrees/status.js");
    const { settings } = await deps.config();
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare() };
    const worktrees = await describeWorktrees(needs, args, settings.project.base);
    return {
      data: { worktrees: worktrees.map(toData) },
      human: () =>
        worktrees.length === 0
          ? "No worktrees. Make some: devkit worktrees init 3"
          : worktrees.map((one) => toText(one, settings.project.base)).join("\n\n"),
    };
  },
});

function toData(one: DescribedWorktree) {
  return {
    ...toWorktreeData(one),
    changed: one.files?.changed ?? null,
    untracked: one.files?.untracked ?? null,
    unfinished: one.unfinished ?? null,
    base: one.base ?? null,
    upstream: one.upstream ?? null,
    commit: one.commit ?? null,
  };
}

function toText(one: DescribedWorktree, base: string): string {
  const { files, upstream, commit, unfinished } = one;
  const seen =
    files === undefined
      ? one.state
      : `${String(files.changed)} changed, ${String(files.untracked)} untracked`;
  return [
    one.observed.agent.name,
    `  branch    ${one.record?.branch ?? "(detached)"}`,
    `  files     ${seen}${unfinished === undefined ? "" : `, in the middle of a ${unfinished}`}`,
    `  base      ${distance(one.base)} ${base}`,
    ...(upstream === undefined
      ? []
      : [`  upstream  ${distance(upstream)} ${upstream.ref.replace(/^refs\/(heads|remotes)\//, "")}`]),
    `  commit    ${commit === undefined ? "none" : `${commit.oid.slice(0, 12)} ${commit.time} ${commit.subject}`}`,
    `  worktree  ${one.path}`,
  ].join("\n");
}

function distance(found: Distance | undefined): string {
  if (found === undefined) return "unknown to";
  const { ahead, behind } = found;
  if (ahead === 0 && behind === 0) return "same as";
  const parts = [ahead > 0 ? `${String(ahead)} ahead` : "", behind > 0 ? `${String(behind)} behind` : ""];
  return `${parts.filter((part) => part !== "").join(", ")} of`;
}
