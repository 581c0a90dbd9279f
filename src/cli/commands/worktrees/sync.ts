import { DevkitError } from "../../../base/errors.js";
import type { SyncedWorktree } from "../../../app/worktrees/sync.js";
import { formatTable } from "../../../output/views/table.js";
import { defineCommand, flag } from "../../command.js";

export const worktreesSync = defineCommand({
  path: "worktrees sync",
  summary: "Move worktrees without an agent forward, or push their branches",
  description:
    "--pull fetches, then fast-forwards each worktree to its branch's upstream if it has one, else to [project] base or where the remote has that. It never merges and never resets: " +
    "a worktree with changed files, or with commits of its own that the other side lacks, is left alone and named. " +
    "--push pushes each worktree's own branch to origin under its own name, never by force and never a branch that others build on; git's hooks do not run. " +
    "Agents are passed over: `agent sync` is for them. Ends with 5 when one was left, with 6 when others were not.",
  arguments: [
    { syntax: "[worktree...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {
    pull: flag("--pull", "fetch and fast-forward"),
    push: flag("--push", "push to origin"),
  },
  examples: ["devkit worktrees sync --pull", "devkit worktrees sync 2 --push"],
  json: '{ worktrees: [{ index, name, path, branch: string|null, result: "moved"|"pushed"|"current"|"left", from: oid|null, to: oid|null, note: string|null }] }',
  async run({ args, options, deps, reporter, shutdown }) {
    if (options.pull === options.push) {
      throw new DevkitError("E_USAGE", "worktrees sync needs one of --pull and --push", {
        hint: "devkit worktrees sync --pull",
      });
    }
    const [{ pullWorktrees }, { pushWorktrees }, { requireSuccess }] = await Promise.all([
      import("../../../app/worktrees/pull.js"),
      import("../../../app/worktrees/push.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const { settings } = await deps.config();
    const needs = { ...(await deps.projectDeps()), care: await deps.worktreeCare() };
    const request = { selectors: args, base: settings.project.base, signal: shutdown.signal };
    const worktrees = await (options.pull ? pullWorktrees : pushWorktrees)(needs, request);
    if (worktrees.length > 1) {
      for (const { agent, error } of worktrees)
        if (error !== undefined) reporter.warn(`${agent.name}: ${error.message}`);
    }
    requireSuccess(worktrees, 0, "worktrees");
    return {
      data: { worktrees: worktrees.map(toData) },
      human: () =>
        worktrees.length === 0
          ? "No worktrees."
          : formatTable(["WORKTREE", "BRANCH", "RESULT", "WHAT"], worktrees.map(toRow)),
    };
  },
});

function toData({ agent, path, branch, result, from, to, note }: SyncedWorktree) {
  return {
    ...agent,
    path,
    branch: branch ?? null,
    result,
    from: from ?? null,
    to: to ?? null,
    note: note ?? null,
  };
}

function toRow({ agent, branch, result, from, to, note }: SyncedWorktree): string[] {
  const range = to === undefined ? "" : [from, to].map((oid) => oid?.slice(0, 12) ?? "").join("..");
  const what = [range.replace(/^\.\./, "at "), note ?? ""].filter((part) => part !== "").join("; ");
  return [agent.name, branch ?? "(detached)", result, what];
}
