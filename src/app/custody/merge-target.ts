import { quoteText } from "../../base/show-text.js";
import { DevkitError } from "../../base/errors.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { isSafeRefName } from "../../domain/custody/refs.js";
import { agentPaths, agentsDir } from "../../domain/identity/project.js";
import type { MergeDeps } from "../ports-merging.js";

/** The branch something is merged into. */
export interface MergeTarget {
  /** Short name. */
  readonly branch: string;
  readonly ref: string;
  readonly oid: string;
  /** Where it is checked out; undefined: nowhere. */
  readonly worktree: string | undefined;
}

/**
 * Finds the user's branch to merge into, by default the one checked out in the primary.
 * @throws DevkitError E_USAGE, E_BRANCH_UNKNOWN, E_BRANCH_IN_USE
 */
export async function findMergeTarget(deps: MergeDeps, into: string | undefined): Promise<MergeTarget> {
  const { root } = deps.project;
  const [main, ...linked] = await deps.worktrees.list();
  const branch = into?.replace(/^refs\/heads\//, "") ?? main?.branch;
  if (branch === undefined) {
    throw new DevkitError("E_USAGE", `${root} has no branch checked out, so there is none to merge into`, {
      hint: "name one: devkit agent merge <agent> --into BRANCH",
    });
  }
  const ref = `refs/heads/${branch}`;
  const oid = isSafeRefName(ref) ? await deps.history.findRef(ref) : undefined;
  if (oid === undefined) {
    throw new DevkitError("E_BRANCH_UNKNOWN", `there is no branch ${quoteText(branch)}`, {
      hint: "see them: git branch --list",
      details: { branch },
    });
  }
  const place = main?.branch === branch ? root : linked.find((record) => record.branch === branch)?.path;
  await refuseAgents(deps, branch, place);
  if (place === undefined) await refuseUnfinished(deps, branch, ref);
  return { branch, ref, oid, worktree: place };
}

/** An agent's branch moves by what the agent does, and its worktree has a git of its own. */
async function refuseAgents(deps: MergeDeps, branch: string, place: string | undefined): Promise<void> {
  const [, name] = /^agent\/([^/]+)\//.exec(branch) ?? [];
  const known = await deps.state.known(deps.project);
  const holder = known.find((agent) => agentPaths(deps.project, agent).worktree === place);
  const isInside = place !== undefined && isWithin(place, agentsDir(deps.project));
  const owner = holder ?? (name === undefined ? undefined : parseAgentName(name, deps.project.roster));
  if (owner === undefined && !isInside) {
    if (place === undefined || (await deps.worktrees.inspect(place)).directory !== "absent") return;
    throw new DevkitError("E_BRANCH_IN_USE", `${branch} is checked out in ${place}, which is not there`, {
      hint: "if that worktree is gone for good: git worktree prune",
      details: { branch },
    });
  }
  const index = String(owner?.index ?? 1);
  throw new DevkitError("E_BRANCH_IN_USE", `${branch} belongs to ${owner?.name ?? "an agent"}`, {
    hint: `let the agent take it in itself: devkit exec ${index} -- git merge <commit>`,
    details: { branch },
  });
}

async function refuseUnfinished(deps: MergeDeps, branch: string, ref: string): Promise<void> {
  const operation = await deps.landing.findUnfinished(ref);
  if (operation === undefined) return;
  throw new DevkitError("E_BRANCH_IN_USE", `${operation} of ${branch} is not finished`, {
    hint: "finish it first; see where: git worktree list && git status",
    details: { branch },
  });
}
