import { shellWord } from "../../base/shell-word.js";
import type { AgentRef } from "../agents/agent.js";
import type { GitOperation } from "./git-activity.js";

/** Commits in a submodule of an agent. */
export interface ModuleCommits {
  readonly module: string;
  /** How many there are nowhere else; undefined: git cannot say. */
  readonly commits: number | undefined;
  /** Commands that keep them. */
  readonly save: readonly string[];
}

/** Everything of an agent that a removal could lose. */
export interface UnsavedWork {
  readonly changed: number;
  readonly untracked: number;
  /** Submodules with changes that are in no commit of theirs. */
  readonly modules: readonly string[];
  /** There are files, but git cannot say which of them are committed. */
  readonly uncomparedFiles: boolean;
  /** Branches with commits that are on no other branch, remote branch or tag. */
  readonly branches: readonly { readonly branch: string; readonly commits: number }[];
  /** Commits that only a detached HEAD has. */
  readonly detached: number;
  /** Commits in submodules that are nowhere else. */
  readonly moduleCommits: readonly ModuleCommits[];
  readonly stashes: number;
  readonly operations: readonly GitOperation[];
  /** Commands running in the container. */
  readonly commands: number;
  /** Why commits could not be brought home. */
  readonly unsynced: string | undefined;
  /** The worktree of an agent without a container, where commands that save it run. */
  readonly onHost?: string;
}

export const NO_WORK: UnsavedWork = {
  changed: 0,
  untracked: 0,
  modules: [],
  uncomparedFiles: false,
  branches: [],
  detached: 0,
  moduleCommits: [],
  stashes: 0,
  operations: [],
  commands: 0,
  unsynced: undefined,
};

export type WorkKind =
  | "uncommitted"
  | "untracked"
  | "submodule"
  | "uncompared"
  | "commits"
  | "detached"
  | "submodule-commits"
  | "stashes"
  | "operation"
  | "running"
  | "unsynced";

/** One thing that would be lost, in words. */
export interface Finding {
  readonly kind: WorkKind;
  readonly text: string;
}

/** Names everything, worst to forget first. */
export function findingsOf(work: UnsavedWork): Finding[] {
  const findings: Finding[] = [];
  const add = (kind: WorkKind, text: string, when: boolean) => {
    if (when) findings.push({ kind, text });
  };
  add("uncommitted", counted(work.changed, "uncommitted change"), work.changed > 0);
  add("untracked", counted(work.untracked, "untracked file"), work.untracked > 0);
  for (const module of work.modules) add("submodule", `uncommitted changes in the submodule ${module}`, true);
  add("uncompared", "files that git cannot compare with any commit", work.uncomparedFiles);
  for (const { branch, commits } of work.branches) {
    add("commits", `${counted(commits, "commit")} of ${branch} neither merged nor pushed`, commits > 0);
  }
  add("detached", `${counted(work.detached, "commit")} of a detached HEAD on no branch`, work.detached > 0);
  for (const { module, commits } of work.moduleCommits) {
    const what = commits === undefined ? "commits that cannot be counted" : counted(commits, "commit");
    add("submodule-commits", `${what} in the submodule ${module} neither merged nor pushed`, commits !== 0);
  }
  add("stashes", counted(work.stashes, "stash", "stashes"), work.stashes > 0);
  for (const operation of work.operations) add("operation", `a ${operation} in progress`, true);
  add("running", `${counted(work.commands, "command")} running`, work.commands > 0);
  add("unsynced", `commits that could not come home (${work.unsynced ?? ""})`, work.unsynced !== undefined);
  return findings;
}

/** Whether the worktree's files have to be kept to lose nothing. */
export function hasLooseFiles(work: UnsavedWork): boolean {
  return work.changed > 0 || work.untracked > 0 || work.modules.length > 0 || work.uncomparedFiles;
}

/** What a reset would overwrite; commits are not among it, for they are kept. */
export const RESET_RISKS: ReadonlySet<WorkKind> = new Set([
  "uncommitted",
  "untracked",
  "submodule",
  "uncompared",
  "operation",
  "running",
]);

/** Commands that save what was found, each once, in the order they have to be typed. */
export function savingCommands(agent: AgentRef, findings: readonly Finding[], work: UnsavedWork): string[] {
  const { onHost } = work;
  const inside =
    onHost === undefined ? `devkit exec ${String(agent.index)} --` : `env -C ${shellWord(onHost)}`;
  const has = (kind: WorkKind) => findings.some((finding) => finding.kind === kind);
  const commands: string[] = [];
  const [operation] = has("operation") ? work.operations : [];
  if (operation !== undefined) {
    commands.push(`${inside} git ${operation} ${operation === "bisect" ? "reset" : "--continue"}`);
  }
  if (has("uncommitted") || has("untracked"))
    commands.push(`${inside} sh -c 'git add -A && git commit -m work'`);
  // The innermost first: what is around it has the new commit to add.
  const named = work.modules.filter((module) => !module.startsWith("("));
  for (const module of has("submodule") ? named.reverse() : []) {
    const git = `git -C ${shellWord(module)}`;
    commands.push(`${inside} sh -c ${shellWord(`${git} add -A && ${git} commit -m work`)}`);
  }
  if (has("submodule-commits")) commands.push(...work.moduleCommits.flatMap(({ save }) => save));
  if (has("stashes")) commands.push(`${inside} git stash branch saved-stash`);
  if (has("detached")) commands.push(`${inside} git switch -c saved-head`);
  if (has("unsynced")) commands.push(`devkit agent sync ${String(agent.index)}`);
  const [branch] = has("commits") ? work.branches : [];
  if (branch !== undefined) commands.push(`git push origin ${branch.branch}`);
  return commands;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
