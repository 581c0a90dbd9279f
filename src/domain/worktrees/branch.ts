import { isSafeRefName } from "../custody/refs.js";
import type { AgentRef } from "../agents/agent.js";
import { agentRefPrefix, idleBranch } from "../identity/names.js";

const HEADS = "refs/heads/";

/** Whether branches may start like this. Below `agent/` they could be taken for an agent's own. */
export function isBranchPrefix(prefix: string): boolean {
  // A part that starts with a minus would be an option to whoever types the name.
  const canBe = prefix.length <= 100 && !/^$|^agent\/|(^|\/)-/.test(prefix);
  return canBe && isSafeRefName(`${HEADS}${prefix}1/main`);
}

/**
 * The branch of a worktree without an agent: the one the agent would have, or with a prefix as in `agent2/main`.
 * `base`: the short name of the branch it starts from, undefined when it starts at no branch.
 */
export function worktreeBranch(
  agent: AgentRef,
  prefix: string | undefined,
  base: string | undefined,
): string {
  return prefix === undefined ? idleBranch(agent) : `${prefix}${String(agent.index)}/${base ?? "work"}`;
}

/** Whether devkit made the branch for this agent, so that removing the worktree may put it away. */
export function isOwnBranch(branch: string, agent: AgentRef, prefix: string | undefined): boolean {
  if (`${HEADS}${branch}`.startsWith(agentRefPrefix(agent))) return true;
  return prefix !== undefined && branch.startsWith(`${prefix}${String(agent.index)}/`);
}

/**
 * Where the branch of a worktree goes when an agent moves in, whose own are below `agent/<name>/`: candidates, the best
 * first.
 */
export function movedBranches(agent: AgentRef, branch: string | undefined): string[] {
  const rest = branch?.replace(new RegExp(`^[^/]*${String(agent.index)}/`), "");
  const wanted = rest === undefined ? idleBranch(agent) : `agent/${agent.name}/${rest}`;
  return [wanted, ...Array.from({ length: 98 }, (_, position) => `${wanted}-${String(position + 2)}`)];
}
