/** What the commands for worktrees without an agent need besides. */

/** Worktrees without an agent, where the host's git works, and what became of their commits. */
export interface WorktreeCare {
  /** @throws DevkitError E_NO_COMMIT */
  findBase(revision: string): Promise<BaseCommit>;
  findUpstream(branch: string): Promise<Upstream | undefined>;
  compare(tip: string, other: string): Promise<Distance>;
  findCommit(oid: string): Promise<CommitInfo>;
  hasSubmodules(worktree: string): Promise<boolean>;
  fetch(remote: string, signal: AbortSignal): Promise<void>;
  push(remote: string, branches: readonly string[], signal: AbortSignal): Promise<PushedBranch[]>;
  /** Branch, index and files, or nothing of it; never a merge. */
  fastForward(worktree: string, oid: string): Promise<void>;
  remove(request: RemoveWorktree): Promise<void>;
}

export interface BaseCommit {
  readonly oid: string;
  /** Short name of the branch it is, without a remote's name. */
  readonly branch: string | undefined;
  /** The remote the branch comes from. */
  readonly remote: string | undefined;
  /** Where the remote has that branch, as last fetched. */
  readonly upstream: string | undefined;
}

export interface Upstream {
  readonly ref: string;
  readonly oid: string;
  readonly remote: string | undefined;
}

/** Commits on one side only. */
export interface Distance {
  readonly ahead: number;
  readonly behind: number;
}

export interface CommitInfo {
  readonly oid: string;
  /** RFC 3339. */
  readonly time: string;
  readonly subject: string;
}

export interface ProcessRef {
  readonly pid: number;
  /** The process that leads its session: a terminal's first one. */
  readonly leader: number;
  readonly command: string;
}

export interface PushedBranch {
  readonly branch: string;
  readonly result: "pushed" | "current" | "refused";
  /** In git's words. */
  readonly summary: string;
}

export interface RemoveWorktree {
  readonly worktree: string;
  /** The branch that goes with it, and the ref that keeps its commits. */
  readonly branch: { readonly ref: string; readonly oid: string; readonly trash: string } | undefined;
}
