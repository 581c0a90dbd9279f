import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentRefPrefix } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { movedBranches } from "../../domain/worktrees/branch.js";
import { findOwnWorktrees } from "../../domain/worktrees/places.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "worktrees" | "history">;

/**
 * Makes a worktree that was used without an agent ready for one: what the agent works on has to be below
 * `agent/<name>/`, so a branch of that kind is made at the same commit. The branch that was there stays where it is, and
 * index and files are not touched. Answers the new branch, or undefined when there is nothing to do.
 * @throws DevkitError E_WORK_IN_THE_WAY
 */
export async function moveIn(deps: Needs, { agent, worktree }: ObservedAgent): Promise<string | undefined> {
  if (!worktree.registered || !worktree.linked) return undefined;
  const at = agentPaths(deps.project, agent).worktree;
  const unfinished = await deps.worktrees.findUnfinished(at);
  if (unfinished !== undefined) {
    throw new DevkitError("E_WORK_IN_THE_WAY", `${at} is in the middle of a ${unfinished}`, {
      hint: `finish or abort it first: git -C ${shellWord(at)} status`,
    });
  }
  const isOwn = (branch: string | undefined) =>
    branch !== undefined && `refs/heads/${branch}`.startsWith(agentRefPrefix(agent));
  if (isOwn(worktree.branch)) return undefined;
  const records = await deps.worktrees.list();
  const record = findOwnWorktrees(deps.project, records).get(agent.name);
  const head = record?.head;
  if (record === undefined || head === undefined || /^0+$/.test(head) || isOwn(record.branch))
    return undefined;
  const taken = new Set(records.map(({ branch }) => branch));
  for (const branch of movedBranches(agent, record.branch)) {
    const ref = `refs/heads/${branch}`;
    if (taken.has(branch)) continue;
    const tip = await deps.history.findRef(ref);
    if (tip !== undefined && tip !== head) continue;
    await deps.history.setRef(ref, head);
    await deps.worktrees.attach(at, ref);
    return branch;
  }
  throw new DevkitError("E_WORK_IN_THE_WAY", `no branch below agent/${agent.name}/ is free for ${at}`, {
    hint: `see them: git branch --list 'agent/${agent.name}/*'`,
  });
}
