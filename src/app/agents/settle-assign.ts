import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Task } from "../../domain/tasks/task.js";
import { findOwnWorktrees } from "../../domain/worktrees/places.js";
import { isOnHost } from "../host-runtime/is-on-host.js";
import type { AssignWork } from "../ports-spawn.js";
import { followHead, writeHead } from "../tasks/follow-head.js";
import { givenBack, releaseClaims } from "../tasks/release-claims.js";
import type { SpawnDeps } from "./spawn-deps.js";

/**
 * Brings an assignment that was begun to one of its two ends: an agent that is on the branch has the task and no other, one
 * that is not has what it had. Answers which. The note about it goes last.
 */
export async function settleAssign(deps: SpawnDeps, work: AssignWork): Promise<boolean> {
  const { agent, task, branch, before } = work;
  const isThere = (await findBranch(deps, agent)) === `refs/heads/${branch}`;
  const { store } = deps.pool;
  const isHeld = store.find(task)?.claim?.agent === agent.name;
  if (isThere && isHeld) {
    await releaseClaims(deps.pool, agent.name, task);
    writeHead(deps.pool, agent.name, task);
  } else {
    if (isHeld)
      await store.update(task, (one) => (one.claim?.agent === agent.name ? putBack(one, before) : one));
    followHead(deps.pool, agent.name, task);
  }
  await deps.journal.end(agent);
  return isThere && isHeld;
}

/** The full ref of the branch that it is on. */
async function findBranch(deps: SpawnDeps, agent: AgentRef): Promise<string | undefined> {
  const { project, state, worktrees } = deps;
  if (await isOnHost(deps, agent)) {
    const branch = findOwnWorktrees(project, await worktrees.list()).get(agent.name)?.branch;
    return branch === undefined ? undefined : `refs/heads/${branch}`;
  }
  const head = (await state.readRefs(agentPaths(project, agent)))?.head;
  return head?.kind === "branch" ? head.ref : undefined;
}

function putBack(task: Task, before: AssignWork["before"]): Task {
  if (before === undefined) return givenBack(task);
  // One by one: what was undefined is not in a journal that was read.
  const { status, startedAt, branch } = before;
  return { ...task, status, startedAt, branch };
}
