import type { InitializedWorktree } from "../../../app/worktrees/init.js";
import { isBranchPrefix } from "../../../domain/worktrees/branch.js";
import { LAYOUTS, type WorktreeLayout } from "../../../domain/worktrees/layout.js";
import { formatTable } from "../../../output/views/table.js";
import { parseAgentCount } from "../../agent-count.js";
import { once } from "../../../base/once.js";
import { defineCommand, flag, text, type OptionSpec } from "../../command.js";

const layout: OptionSpec<WorktreeLayout | undefined> = {
  flags: "--layout <layout>",
  description: "where new ones go, instead of [worktrees] layout",
  choices: LAYOUTS,
};

export const worktreesInit = defineCommand({
  path: "worktrees init",
  summary: "Make worktrees 1..N, without containers",
  description:
    "Makes worktrees 1..N exist, each locked and on a branch of its own that tracks nothing. One that is there is never changed, whatever the options say: " +
    "neither its place nor its branch nor its files. `agent up N` later turns the very same worktrees into agents.",
  arguments: [{ syntax: "<N>", description: "how many worktrees" }],
  options: {
    base: text("--base <rev>", "start new branches here, instead of [project] base"),
    branchPrefix: text(
      "--branch-prefix <prefix>",
      "name new branches <prefix>N/<base>, instead of [worktrees] branch_prefix",
      parsePrefix,
    ),
    layout,
    dryRun: flag("--dry-run", "print what would be done, and do nothing"),
    force: flag("--force", "more worktrees than usual"),
  },
  examples: [
    "devkit worktrees init 3",
    "devkit worktrees init 3 --layout dev-root --branch-prefix agent --base main",
  ],
  json: "{ dryRun, worktrees: [{ index, name, path, branch: string|null, agent, changed, steps: [{ kind, cause }] }] }",
  async run({ args, options, deps, shutdown }) {
    const count = parseAgentCount(args[0] ?? "", "for example: devkit worktrees init 3");
    const [{ initWorktrees }, { requireSuccess }, { loadCarried }] = await Promise.all([
      import("../../../app/worktrees/init.js"),
      import("../../../app/agents/outcome.js"),
      import("../../../app/custody/carried-files.js"),
    ]);
    const { settings } = await deps.config();
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare() };
    const { dryRun, force } = options;
    const worktrees = await initWorktrees(needs, {
      count,
      base: options.base ?? settings.project.base,
      prefix: options.branchPrefix ?? settings.worktrees.branch_prefix,
      layout: options.layout ?? settings.worktrees.layout,
      dryRun,
      force,
      signal: shutdown.signal,
      carried: once(() => loadCarried(needs, settings)),
    });
    requireSuccess(worktrees, 0, "worktrees");
    return {
      data: { dryRun, worktrees: worktrees.map((one) => toData(one, dryRun)) },
      human: () =>
        formatTable(
          ["WORKTREE", "BRANCH", "WHAT", "PATH"],
          worktrees.map((one) => toRow(one, dryRun)),
        ),
    };
  },
});

function parsePrefix(raw: string): string {
  if (isBranchPrefix(raw)) return raw;
  throw new TypeError(
    `"${raw}" cannot start a branch's name; for example "agent", but nothing below "agent/".`,
  );
}

function toData({ agent, path, branch, isAgent, steps }: InitializedWorktree, dryRun: boolean) {
  const changed = steps.length > 0 && !dryRun;
  return { ...agent, path, branch: branch ?? null, agent: isAgent, changed, steps };
}

function toRow({ agent, branch, isAgent, steps, path }: InitializedWorktree, dryRun: boolean): string[] {
  const isNew = steps.some(({ kind }) => kind === "worktree.add");
  const done = isNew ? (dryRun ? "would be made" : "made") : dryRun ? "would be restored" : "restored";
  const what = isAgent ? "an agent's" : steps.length === 0 ? "there already" : done;
  return [agent.name, branch ?? "(detached)", what, path];
}
