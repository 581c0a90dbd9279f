/** What takes room and may not be needed, in the order in which it is gone through. */
export const RECLAIM_KINDS = ["trash", "worktree", "image", "cache", "log"] as const;

export type ReclaimKind = (typeof RECLAIM_KINDS)[number];
