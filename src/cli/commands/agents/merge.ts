import type { MergeResult } from "../../../app/custody/merge-agent.js";
import type { MergeMode } from "../../../app/custody/merge-commits.js";
import { DevkitError } from "../../../base/errors.js";
import { countCommits, countFiles, filesData } from "../../../output/views/diff.js";
import { defineCommand, flag, type OptionSpec } from "../../command.js";

const text = (flags: string, description: string): OptionSpec<string | undefined> => ({ flags, description });

export const agentMerge = defineCommand({
  path: "agent merge",
  summary: "Merge what an agent committed into a branch of yours",
  description:
    "Brings the agent's commits home and merges them: fast-forward if possible, else a merge commit. The result is computed without " +
    "touching a file, so a conflict (exit 1) leaves everything as it was. Files of a worktree where the branch is checked out are then " +
    "brought to it, unless they have local changes, staged, untracked or ignored ones too (exit 5). --rebase makes the commits again on " +
    "top of the branch, keeps authors and dates, and leaves out merge commits as git rebase does, but refuses if that would change the " +
    "result. You are the committer, commit.gpgSign and merge drivers of yours hold; hooks do not run. A merge that is killed while it " +
    "writes files is finished by the next `agent merge`. Needs git 2.38.",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {
    squash: flag("--squash", "make one commit of it"),
    rebase: flag("--rebase", "make its commits again on top of the branch"),
    into: text("--into <branch>", "the branch to merge into; by default the one checked out in the primary"),
    message: text("-m, --message <text>", "of the commit that is made, if one is"),
    dryRun: flag("--dry-run", "say what would be done, and do nothing"),
  },
  examples: [
    "devkit agent merge 2",
    "devkit agent merge agent-1 --squash -m Login",
    "devkit agent merge 2 --into release",
  ],
  json: '{ index, name, branch: string|null, into, worktree: string|null, kind: "none"|"fast-forward"|"merge"|"squash"|"rebase", from: oid, to: oid|null, commits: [{ oid, subject }], dropped, files: [{ …as in agent diff }], dryRun }',
  async run({ args, options, deps }) {
    const [selector = ""] = args;
    const request = { selector, ...options, ...readMode(options) };
    const { mergeAgent } = await import("../../../app/custody/merge-agent.js");
    const project = await deps.mergeDeps();
    const result = await mergeAgent(project, { ...request, spec: deps.spec });
    return { data: toData(result, options.dryRun), human: () => toText(result, options.dryRun) };
  },
});

interface Asked {
  readonly squash: boolean;
  readonly rebase: boolean;
  readonly message: string | undefined;
}

function readMode({ squash, rebase, message }: Asked): { mode: MergeMode; message: string | undefined } {
  const usage = (said: string) => new DevkitError("E_USAGE", said, { hint: "devkit agent merge --help" });
  if (squash && rebase) throw usage("--squash and --rebase do not go together");
  if (rebase && message !== undefined) throw usage("--rebase keeps the commits' messages, so -m has no use");
  if (message?.trim() === "") throw usage("the message is empty");
  return { mode: squash ? "squash" : rebase ? "rebase" : "merge", message };
}

function toData({ agent, branch, target, kind, oid, commits, dropped, files }: MergeResult, dryRun: boolean) {
  // What a dry run made is gone, except where it only found a commit of the agent's.
  const isReal = !dryRun || kind === "none" || kind === "fast-forward";
  return {
    ...agent,
    branch: branch ?? null,
    into: target.branch,
    worktree: target.worktree ?? null,
    kind,
    from: target.oid,
    to: isReal ? oid : null,
    commits,
    dropped,
    files: filesData(files),
    dryRun,
  };
}

function toText({ agent, target, kind, oid, commits, dropped, files }: MergeResult, dryRun: boolean): string {
  if (kind === "none") return `Nothing to merge: ${target.branch} has everything ${agent.name} committed.`;
  const how =
    kind === "merge" ? "with a merge commit" : kind === "fast-forward" ? "as a fast-forward" : `by ${kind}`;
  const left = dropped === 0 ? "" : `, ${countCommits(dropped)} left out because ${target.branch} has them`;
  const what = `${countCommits(commits.length)}, ${countFiles(files)}${left}`;
  if (dryRun) return `${agent.name} would be merged into ${target.branch} ${how}: ${what}.`;
  return `${agent.name} merged into ${target.branch} ${how}: ${what}, now at ${oid.slice(0, 12)}.`;
}
