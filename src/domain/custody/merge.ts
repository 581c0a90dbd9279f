import type { RawPath } from "./raw-path.js";
import type { Conflict } from "./tree-merge.js";

export interface CommitInfo {
  readonly oid: string;
  /** Its first line, as somebody wrote it. */
  readonly subject: string;
}

/** A commit to be made by the user. */
export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

/** Commits made again on another tip, up to the first that does not fit. */
export interface Replay {
  readonly tip: string;
  /** How many commits the tip has on top, and how many had nothing left to change. */
  readonly replayed: number;
  readonly dropped: number;
  /** The commit that did not fit, and where. */
  readonly stopped: { readonly commit: CommitInfo; readonly conflicts: readonly Conflict[] } | undefined;
}

/** What stands in the way of moving a branch where it is checked out. */
export interface Obstacles {
  /** For people: `a rebase`, `unresolved conflicts`. */
  readonly operation: string | undefined;
  /** Files with content of the user's own that would be overwritten. */
  readonly files: readonly RawPath[];
}

/** Files of a worktree that are about to go from one commit to another; on disk as long as that lasts. */
export interface MergeJournal {
  readonly agent: string;
  /** The branch, a full ref, and where it is checked out. */
  readonly ref: string;
  readonly worktree: string;
  readonly from: string;
  readonly to: string;
}

/** Reads a journal's text; undefined when it is none. */
export function parseMergeJournal(text: string): MergeJournal | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const field = (name: string) => {
      const found = value[name];
      if (typeof found !== "string" || found === "") throw new TypeError(name);
      return found;
    };
    return {
      agent: field("agent"),
      ref: field("ref"),
      worktree: field("worktree"),
      from: field("from"),
      to: field("to"),
    };
  } catch {
    return undefined;
  }
}
