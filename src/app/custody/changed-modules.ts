import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";

type Needs = AgentGitNeeds & Pick<ProjectDeps, "project" | "history" | "state" | "worktrees">;

const LIMIT = 4 * 1024 * 1024;
/** More than these nobody reads; each takes a git of its own, for those within it. */
const MOST = 50;

/**
 * Submodules of an agent with changes that are in no commit, also those that the agent made itself: the host's status leaves
 * them out, because git would have to read git dirs that the agent can write. Asked inside its container; names are the
 * agent's text.
 */
export async function findChangedModules(needs: Needs, observed: ObservedAgent): Promise<string[]> {
  if (!observed.state.git || !(await mayHaveModules(needs, observed))) return [];
  return changedModulesBy(async (args) => {
    const output = createTextSink(LIMIT);
    const request = { args, stdout: output.stream, inWorktree: true };
    const { exitCode } = await runAgentGit(needs, observed, request);
    return exitCode !== 0 || output.truncated() ? undefined : output.text();
  });
}

/** The same by what git says in the worktree, wherever it runs; undefined when it fails. */
export async function changedModulesBy(
  ask: (args: readonly string[]) => Promise<string | undefined>,
): Promise<string[]> {
  const found: string[] = [];
  const queue = [""];
  for (let within = queue.shift(); within !== undefined && found.length < MOST; within = queue.shift()) {
    const names = await changedIn(ask, within);
    // What cannot be asked must not be taken for clean.
    if (names === undefined) found.push(within === "" ? "(its submodules cannot be read)" : within);
    for (const name of names ?? []) {
      found.push(`${within}${name}`);
      queue.push(`${within}${name}/`);
    }
  }
  return [...new Set(found.map((name) => name.replace(/\/$/, "")))];
}

async function mayHaveModules(needs: Needs, { agent }: ObservedAgent): Promise<boolean> {
  const paths = agentPaths(needs.project, agent);
  if ((await needs.history.modules()).length > 0) return true;
  if ((await needs.state.listModules(paths)).length > 0) return true;
  return (await needs.worktrees.findEmbedded(paths.worktree)).length > 0;
}

/** The changed submodules of a repository inside; undefined when git does not say. */
async function changedIn(
  ask: (args: readonly string[]) => Promise<string | undefined>,
  within: string,
): Promise<string[] | undefined> {
  const where = within === "" ? [] : ["-C", within];
  // By option, for what an agent's .gitmodules says of them is no answer.
  const flags = [
    "--porcelain=v2",
    "-z",
    "--no-renames",
    "--untracked-files=normal",
    "--ignore-submodules=none",
  ];
  const said = await ask([...where, "status", ...flags]);
  return said
    ?.split("\0")
    .map(changedModule)
    .filter((name) => name !== undefined);
}

/** `1 .M S.MU` and six more words before the path; of one with conflicts there are eight more. */
const CHANGED = /^(?:1 .. S.(?:M.|.U)(?: \S+){5}|u .. S.(?:M.|.U)(?: \S+){7}) (.+)$/s;

function changedModule(record: string): string | undefined {
  return CHANGED.exec(record)?.[1];
}
