import { countOf } from "../../base/plural.js";
import type { AgentRef } from "../agents/agent.js";
import { toStamp, trashRefPrefix } from "../custody/trash.js";

/**
 * How the commits of a branch got into the base: as they are, as the same files, or as the same patch. `empty`: they
 * change nothing, so that only their messages are not there.
 */
export type Landing = "ancestor" | "tree" | "patch" | "empty";

/** Everything that decides whether a worktree may go. */
export interface PruneFacts {
  readonly agent: AgentRef;
  /** What an agent has besides a worktree. */
  readonly container: string | undefined;
  readonly hasState: boolean;
  /** That agent has no container. */
  readonly onHost: boolean;
  /** The directory is gone; only git's registration is left. */
  readonly missing: boolean;
  /** Its checkout did not finish, or its `.git` file is lost. */
  readonly broken: boolean;
  /** Why somebody else locked it; empty when they did not say. */
  readonly foreignLock: string | undefined;
  readonly unfinished: string | undefined;
  readonly changed: number;
  readonly untracked: number;
  readonly submodules: boolean;
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
  /** Undefined: it has commits that did not land. */
  readonly landing: Landing | undefined;
  readonly ownCommits: number;
  /** For people: what it was compared with. */
  readonly base: string;
  readonly branch: string | undefined;
}

export type PruneReason =
  | Landing
  | "missing"
  | "agent"
  | "broken"
  | "locked"
  | "unfinished"
  | "changed"
  | "untracked"
  | "submodules"
  | "in-use"
  | "unlanded";

export interface PruneVerdict {
  readonly removable: boolean;
  /** All that keep it, or the one why it may go. */
  readonly reasons: readonly { readonly reason: PruneReason; readonly text: string }[];
}

/** Whether a worktree may be removed without losing anything, and why. */
export function judgeWorktree(facts: PruneFacts): PruneVerdict {
  const keeping = [...keptByOwner(facts), ...(facts.missing ? keptByHead(facts) : keptByFiles(facts))];
  if (keeping.length > 0) return { removable: false, reasons: keeping };
  if (facts.missing) {
    const kept = facts.landing === undefined && facts.branch !== undefined ? `; ${facts.branch} stays` : "";
    const text = `its directory is gone and only the registration is left${kept}`;
    return { removable: true, reasons: [{ reason: "missing", text }] };
  }
  const landing = facts.landing ?? "ancestor";
  const text = {
    ancestor: `all its commits are in ${facts.base}`,
    tree: `${facts.base} has had exactly its files`,
    empty: "its commits change nothing",
    patch: `its commits are in ${facts.base} as other commits of the same patch`,
  }[landing];
  return { removable: true, reasons: [{ reason: landing, text }] };
}

type Reasons = PruneVerdict["reasons"][number][];

function keptByOwner({ agent, container, hasState, onHost, foreignLock }: PruneFacts): Reasons {
  const reasons: Reasons = [];
  const kill = `devkit agent kill ${String(agent.index)}`;
  if (container !== undefined)
    reasons.push({ reason: "agent", text: `belongs to an agent whose container is ${container}: ${kill}` });
  else if (hasState)
    reasons.push({
      reason: "agent",
      text: `belongs to an agent ${onHost ? "without a container" : "with a git dir and home of its own"}: ${kill}`,
    });
  if (foreignLock !== undefined)
    reasons.push({
      reason: "locked",
      text: `locked by somebody${foreignLock === "" ? "" : `: ${foreignLock}`}`,
    });
  return reasons;
}

function keptByFiles(facts: PruneFacts): Reasons {
  const reasons: Reasons = [];
  const keep = (reason: PruneReason, holds: boolean, text: string) => {
    if (holds) reasons.push({ reason, text });
  };
  const [first] = facts.processes;
  const others = facts.processes.length > 1 ? ` and ${String(facts.processes.length - 1)} more` : "";
  keep("broken", facts.broken, `is not whole: devkit worktrees init ${String(facts.agent.index)}`);
  keep("unfinished", facts.unfinished !== undefined, `is in the middle of a ${facts.unfinished ?? ""}`);
  keep("changed", facts.changed > 0, countOf(facts.changed, "changed file"));
  keep("untracked", facts.untracked > 0, countOf(facts.untracked, "untracked file"));
  keep("submodules", facts.submodules, "has submodules, into which devkit does not look");
  keep(
    "in-use",
    first !== undefined,
    `in use by ${first?.command ?? ""} (pid ${String(first?.pid)})${others}`,
  );
  keep(
    "unlanded",
    facts.landing === undefined,
    `${countOf(facts.ownCommits, "commit")} not in ${facts.base}`,
  );
  return reasons;
}

/** Nothing but the registration knows the commits of a worktree that was on no branch. */
function keptByHead({ landing, branch, ownCommits, base }: PruneFacts): Reasons {
  if (landing !== undefined || branch !== undefined) return [];
  return [{ reason: "unlanded", text: `on no branch with ${countOf(ownCommits, "commit")} not in ${base}` }];
}

/** Where the commits of a branch that went with its worktree can be found for 30 days: as those of a removed agent. */
export function trashRef(agent: AgentRef, branch: string, now: Date): string {
  const own = `agent/${agent.name}/`;
  const place = branch.startsWith(own) ? `heads/${branch.slice(own.length)}` : `branches/${branch}`;
  return trashRefPrefix(agent, toStamp(now)) + place;
}
