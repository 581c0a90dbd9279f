import path from "node:path";
import { shellWord } from "../../base/shell-word.js";
import { showText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { ModuleCommits } from "../../domain/custody/unsaved-work.js";
import { agentRefPrefix, baseRef, CONTAINER, detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import type { LentModule } from "../ports-modules.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";

type Needs = AgentGitNeeds & Pick<ProjectDeps, "project" | "history" | "state" | "worktrees">;

/** Tags are no proof that a commit is elsewhere: they may be the agent's own. What was stashed counts. */
export const COUNT_OWN = ["rev-list", "--count", "--exclude=refs/tags/*", "--all", "--not", "--remotes"];

/** Commits that an agent has in submodules and that are nowhere else, once what can come home has come. */
export async function findModuleCommits(needs: Needs, observed: ObservedAgent): Promise<ModuleCommits[]> {
  const paths = agentPaths(needs.project, observed.agent);
  const [lent, own, embedded] = await Promise.all([
    needs.history.modules(),
    needs.state.listModules(paths),
    observed.worktree.registered ? needs.worktrees.findEmbedded(paths.worktree) : [],
  ]);
  const home = await Promise.all(lent.map((module) => countAtHome(needs, observed, module)));
  const synced = new Set(home.filter((one) => one !== undefined).map(({ at }) => at));
  const inside = await Promise.all([
    ...own
      .filter((at) => !synced.has(at))
      .map((at) =>
        countInside(needs, observed, at, [
          `--git-dir=${path.posix.join(CONTAINER.git, "modules", at)}`,
          "--work-tree=/",
        ]),
      ),
    ...embedded.map((at) => countInside(needs, observed, at, ["-C", at])),
  ]);
  const counted = home.map((one) => one?.found).filter((one) => one !== undefined);
  return [...counted, ...inside].filter(({ commits }) => commits !== 0);
}

/** Of a submodule whose commits come home; undefined when the agent is older than that. */
async function countAtHome(
  { project }: Needs,
  { agent }: ObservedAgent,
  { at, refs, history }: LentModule,
): Promise<{ at: string; found: ModuleCommits } | undefined> {
  const prefix = agentRefPrefix(agent);
  const own = await refs.list(prefix.slice(0, -1), detachedRef(agent));
  const tips = [...new Set(own.values())];
  if (tips.length === 0) return undefined;
  // Where the user has it, and what the agent has from the user.
  const kept = await Promise.all([
    history.requireCommit("HEAD").catch(() => undefined),
    history.findRef(baseRef(agent)),
  ]);
  const elsewhere = { except: prefix, commits: kept.filter((oid) => oid !== undefined) };
  const commits = await refs.countOwn(tips, elsewhere);
  const gitDir = shellWord(path.join(project.commonDir, "modules", at));
  const save: string[] = [];
  for (const [position, tip] of tips.entries()) {
    if (commits === 0 || (await refs.countOwn([tip], elsewhere)) === 0) continue;
    save.push(`git --git-dir=${gitDir} branch saved-${agent.name}-${String(position + 1)} ${tip}`);
  }
  return { at, found: { module: showText(at), commits, save } };
}

/** Of one that only the agent has: git has to be asked inside. What cannot be asked must not be taken for nothing. */
async function countInside(
  needs: Needs,
  observed: ObservedAgent,
  at: string,
  where: readonly string[],
): Promise<ModuleCommits> {
  const output = createTextSink(64);
  const args = [...where, ...COUNT_OWN];
  const request = { args, stdout: output.stream, inWorktree: true };
  const { exitCode } = await runAgentGit(needs, observed, request);
  const count = exitCode === 0 && /^\d{1,9}$/.test(output.text().trim()) ? Number(output.text()) : undefined;
  const words = where.map(shellWord).join(" ");
  const save = `devkit exec ${String(observed.agent.index)} -- git ${words} push origin --all`;
  return { module: showText(at), commits: count, save: [showText(save)] };
}
