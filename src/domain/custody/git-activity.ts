import { isSafeRefName } from "./refs.js";

/** What git is in the middle of. */
export type GitOperation = "rebase" | "am" | "merge" | "cherry-pick" | "revert" | "bisect";

/** What a private git dir says about unfinished work besides its refs; read as text. */
export interface GitActivity {
  readonly stashes: number;
  readonly operations: readonly GitOperation[];
  /** The branch (full ref) an operation has left and would go back to. */
  readonly interruptedBranch: string | undefined;
}

/** Which file or directory in a git dir says that an operation is going on. */
export const OPERATION_MARKS: readonly (readonly [string, GitOperation])[] = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "am"],
  ["rebase-apply/rebasing", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
];

/** `rebase-merge/head-name` holds a full ref, `BISECT_START` a short one; anything else is no branch. */
export function parseInterruptedBranch(text: string): string | undefined {
  const line = text.trimEnd();
  const ref = line.startsWith("refs/") ? line : `refs/heads/${line}`;
  return ref.startsWith("refs/heads/") && isSafeRefName(ref) ? ref : undefined;
}

/** Lines of `logs/refs/stash`; a stash without a log is one. */
export function countStashes(hasRef: boolean, log: string): number {
  if (!hasRef) return 0;
  return Math.max(1, log.split("\n").filter((line) => line !== "").length);
}
