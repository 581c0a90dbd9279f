import type { JudgedWorktree } from "../../../app/worktrees/prune.js";
import { shellWord } from "../../../base/shell-word.js";
import { defineCommand, flag } from "../../command.js";

export const worktreesPrune = defineCommand({
  path: "worktrees prune",
  summary: "Say which worktrees may go and why, and with --apply remove those",
  description:
    "Says for each worktree why it is kept or may go. It may go when all its commits landed in [project] base (as they are, as the same files, or as the same patch after a squash or rebase) " +
    "and there is nothing else in it; files that git ignores do not count. Agents are never removed here. A branch of devkit's goes with its worktree and is kept at refs/devkit/trash for 30 days.",
  arguments: [],
  options: { apply: flag("--apply", "remove what may go; without it nothing is changed") },
  examples: ["devkit worktrees prune", "devkit worktrees prune --apply"],
  json: "{ applied, worktrees: [{ index, name, path, branch: string|null, removable, removed, reasons: [{ reason, text }], trash: string|null, restore: string|null }] }",
  async run({ options, deps, shutdown }) {
    const [{ pruneWorktrees }, { requireSuccess }] = await Promise.all([
      import("../../../app/worktrees/prune.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const { settings } = await deps.config();
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare() };
    const { signal } = shutdown;
    const worktrees = await pruneWorktrees(needs, {
      base: settings.project.base,
      prefix: settings.worktrees.branch_prefix,
      apply: options.apply,
      now: new Date(),
      signal,
    });
    requireSuccess(worktrees, 0, "worktrees");
    return {
      data: { applied: options.apply, worktrees: worktrees.map((one) => toData(one)) },
      human: () => toText(worktrees, options.apply),
    };
  },
});

function toData(one: JudgedWorktree) {
  const { agent, path, branch, removable, removed, reasons, trash } = one;
  return {
    ...agent,
    path,
    branch: branch ?? null,
    removable,
    removed,
    reasons,
    trash: removed ? (trash?.trash ?? null) : null,
    restore: removed ? (restoreCommand(one) ?? null) : null,
  };
}

function restoreCommand({ trash, branch }: JudgedWorktree): string | undefined {
  return trash === undefined ? undefined : `git branch ${shellWord(branch ?? "")} ${shellWord(trash.trash)}`;
}

function toText(worktrees: readonly JudgedWorktree[], applied: boolean): string {
  if (worktrees.length === 0) return "No worktrees.";
  const lines = worktrees.flatMap((one) => {
    const verb = one.removed ? "removed" : one.removable ? "may go" : "kept";
    const line = `${one.agent.name}  ${verb}: ${one.reasons.map(({ text }) => text).join("; ")}`;
    const restore = one.removed ? restoreCommand(one) : undefined;
    return restore === undefined ? [line] : [line, `  its branch again: ${restore}`];
  });
  const left = worktrees.some(({ removable }) => removable) && !applied;
  return [...lines, ...(left ? ["Remove what may go: devkit worktrees prune --apply"] : [])].join("\n");
}
