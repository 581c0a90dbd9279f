/** One record of `git worktree list --porcelain -z`. */
export interface WorktreeRecord {
  readonly path: string;
  readonly head: string | undefined;
  /** Short branch name; undefined when detached. */
  readonly branch: string | undefined;
  readonly locked: boolean;
  /** Why it is locked, when that was said. */
  readonly reason?: string | undefined;
}

/** Parses `git worktree list --porcelain -z`: lines end with NUL, records with an empty line. */
export function parseWorktreeList(text: string): WorktreeRecord[] {
  return text
    .split("\0\0")
    .map((record) => record.split("\0").filter((line) => line !== ""))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const value = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
      return {
        path: value("worktree") ?? "",
        head: value("HEAD"),
        branch: value("branch")?.replace(/^refs\/heads\//, ""),
        reason: value("locked"),
        locked: lines.some((line) => line === "locked" || line.startsWith("locked ")),
      };
    });
}
