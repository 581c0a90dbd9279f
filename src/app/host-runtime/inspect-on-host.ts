import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { UnsavedWork } from "../../domain/custody/unsaved-work.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "worktrees" | "refs" | "programs">;

/**
 * What of an agent without a container only this machine knows: nobody but the user works in its worktree, so that the
 * host's git may be asked, and its processes are the user's.
 */
export async function inspectOnHost(
  { project, worktrees, refs, programs }: Needs,
  { agent, worktree: { registered, branch } }: ObservedAgent,
  keptCommits: readonly string[],
): Promise<Pick<UnsavedWork, "operations" | "commands" | "detached" | "onHost">> {
  const { worktree } = agentPaths(project, agent);
  const [unfinished, processes, records] = await Promise.all([
    worktrees.findUnfinished(worktree),
    programs.processesIn(worktree),
    registered && branch === undefined ? worktrees.list() : [],
  ]);
  const head = records.find(({ path }) => path === worktree)?.head;
  const elsewhere = { except: undefined, commits: keptCommits };
  return {
    operations: unfinished === undefined ? [] : [unfinished],
    commands: processes.length,
    detached: head === undefined ? 0 : await refs.countOwn([head], elsewhere),
    onHost: worktree,
  };
}
