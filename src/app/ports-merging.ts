/** What looking at agents' work and merging it needs. */
import type { FileChange } from "../domain/custody/file-changes.js";
import type { CommitInfo, MergeJournal, NewCommit, Obstacles, Replay } from "../domain/custody/merge.js";
import type { RawPath } from "../domain/custody/raw-path.js";
import type { TreeMerge } from "../domain/custody/tree-merge.js";
import type { ProjectDeps } from "./ports.js";

/** Merges in the primary's object database: no file, index or ref is read or written. Errors: E_GIT, E_TOOL_MISSING. */
export interface Merges {
  isAncestor(older: string, newer: string): Promise<boolean>;
  /** The best common ancestor; undefined when the histories have nothing in common. */
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** What `tip` has and `base` has not, oldest first. */
  commitsSince(base: string, tip: string): Promise<CommitInfo[]>;
  /** Whether one of these commits is a merge. */
  hasMerges(base: string, tip: string): Promise<boolean>;
  treeOf(commit: string): Promise<string>;
  /** Undefined: the histories have nothing in common. */
  mergeTrees(ours: string, theirs: string): Promise<TreeMerge | undefined>;
  /** Made by the user, signed if their settings say so. */
  commit(request: NewCommit): Promise<string>;
  /** Makes the commits of `tip` that are not in `onto` again on top of it, like `git rebase`: merges are left out. */
  replay(onto: string, tip: string): Promise<Replay>;
  /** Files that differ between two commits. */
  changes(from: string, to: string): Promise<FileChange[]>;
  /** The same in a place of its own: what is made there is gone when `use` ends, and nothing is signed. */
  aside<T>(use: (merges: Merges) => Promise<T>): Promise<T>;
}

/** Moving the user's own branches, and the files of worktrees where they are checked out. */
export interface Landing {
  /** Moves a branch that is checked out nowhere; false when it is not at `from`. */
  moveBranch(request: Omit<MergeJournal, "worktree">): Promise<boolean>;
  /** Where a rebase or bisection of this branch goes on, though it is not checked out there; undefined if nowhere. */
  findUnfinished(ref: string): Promise<string | undefined>;
  /** What keeps these files from being written there. */
  obstacles(worktree: string, files: readonly RawPath[]): Promise<Obstacles>;
  /** Fast-forwards branch, index and files. @throws DevkitError E_WORK_IN_THE_WAY when git finds local changes in the way */
  fastForward(journal: MergeJournal): Promise<void>;
  /**
   * Brings a fast-forward that was cut off to its end, or undoes it. Files whose content is neither the old nor the
   * new one are left as they are, and named.
   */
  settle(journal: MergeJournal, direction: "finish" | "undo"): Promise<Settled>;
  /** A fast-forward that was begun; the file of a live one belongs to who holds the lock "merge". */
  readJournal(): Promise<MergeJournal | undefined>;
  writeJournal(journal: MergeJournal): Promise<void>;
  removeJournal(): Promise<void>;
}

export interface Settled {
  /** `untouched`: nothing had been written yet; `moved`: the user has moved the branch since. */
  readonly outcome: "finished" | "undone" | "untouched" | "moved";
  /** Files with content of somebody else's, as they were; when the branch has moved, all that are not as before. */
  readonly left: readonly RawPath[];
}

/** What stands in an agent's worktree, compared to a commit; `worktree` undefined: only what is committed at `tip`. */
export interface WorktreeChanges {
  files(worktree: string | undefined, base: string, tip: string): Promise<FileChange[]>;
  /** Writes a patch that `git apply` takes. */
  writePatch(
    worktree: string | undefined,
    base: string,
    tip: string,
    sink: NodeJS.WritableStream,
  ): Promise<void>;
  uncommitted(worktree: string): Promise<UncommittedFiles>;
  /** Commits of other repositories (submodules) that differ; no patch of the host's has them. */
  gitlinks(base: string, tip: string): Promise<RawPath[]>;
  /** The tree without files: what a history that has nothing in common with the base is compared to. */
  emptyTree(): Promise<string>;
}

export interface UncommittedFiles {
  readonly changed: readonly RawPath[];
  readonly untracked: readonly RawPath[];
}

/** What looking at agents' work and merging it needs besides. */
export interface MergeDeps extends ProjectDeps {
  readonly merges: Merges;
  readonly landing: Landing;
  readonly changes: WorktreeChanges;
}
