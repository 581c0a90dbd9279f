import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { UnsavedWork } from "../../domain/custody/unsaved-work.js";
import { shellWord } from "../../base/shell-word.js";
import { showText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { changedModulesBy } from "../custody/changed-modules.js";
import { COUNT_OWN } from "../custody/module-commits.js";
import type { HostGit } from "../ports-host-runtime.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "worktrees" | "refs" | "programs" | "hostGit">;

/**
 * What of an agent without a container only this machine knows: nobody but the user works in its worktree, so that the
 * host's git may be asked, and its processes are the user's.
 */
export async function inspectOnHost(
  { project, worktrees, refs, programs, hostGit }: Needs,
  { agent, worktree: { registered, branch } }: ObservedAgent,
  keptCommits: readonly string[],
): Promise<
  Pick<UnsavedWork, "modules" | "moduleCommits" | "operations" | "commands" | "detached" | "onHost">
> {
  const { worktree } = agentPaths(project, agent);
  const [unfinished, processes, inModules, records] = await Promise.all([
    worktrees.findUnfinished(worktree),
    programs.processesIn(worktree),
    inspectModules(hostGit, agent, worktree),
    registered && branch === undefined ? worktrees.list() : [],
  ]);
  const head = records.find(({ path }) => path === worktree)?.head;
  const elsewhere = { except: undefined, commits: keptCommits };
  return {
    ...inModules,
    operations: unfinished === undefined ? [] : [unfinished],
    commands: processes.length,
    detached: head === undefined ? 0 : await refs.countOwn([head], elsewhere),
    onHost: worktree,
  };
}

/** Submodules that the user has checked out there: git keeps each in a git dir that only this worktree has. */
async function inspectModules(
  hostGit: HostGit,
  agent: AgentRef,
  worktree: string,
): Promise<Pick<UnsavedWork, "modules" | "moduleCommits">> {
  const own = await hostGit.listModules(worktree);
  if (own.length === 0) return { modules: [], moduleCommits: [] };
  const changed = await changedModulesBy((args) => hostGit.ask(worktree, args));
  const moduleCommits = await Promise.all(
    own.map(async ({ at, gitDir }) => {
      // Where its settings say that its files are need not be there.
      const where = [`--git-dir=${gitDir}`, "--work-tree=/"];
      const count = await hostGit.ask(worktree, [...where, ...COUNT_OWN]);
      const push = `git ${where.map(shellWord).join(" ")} push origin 'refs/heads/*' HEAD:refs/heads/${agent.name}`;
      return { module: showText(at), commits: count === undefined ? undefined : Number(count), save: [push] };
    }),
  );
  const unsaved = moduleCommits.filter(({ commits }) => commits !== 0);
  return { modules: changed.map(showText), moduleCommits: unsaved };
}
