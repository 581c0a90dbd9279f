/** What is known of a cache when it is asked whether it may go. */
export interface CacheState {
  readonly lastUsedMs: number | undefined;
  /** Otherwise there are files that nobody has looked at. */
  readonly isComplete: boolean;
  /** An agent's own, and mounted. */
  readonly isMounted: boolean;
}

export interface CacheJudgement {
  readonly removable: boolean;
  readonly reason: string;
}

const DAY_MS = 86_400_000;

/** Whether a cache may go: unused for `olderThanMs`; undefined: whenever it was used. */
export function judgeCache(
  { lastUsedMs, isComplete, isMounted }: CacheState,
  { now, olderThanMs }: { readonly now: Date; readonly olderThanMs: number | undefined },
): CacheJudgement {
  if (isMounted) return { removable: false, reason: "its agent runs" };
  if (olderThanMs === undefined) return { removable: true, reason: "all were asked for" };
  if (!isComplete) return { removable: false, reason: "too much to look at in time; --all does not look" };
  const ageMs = now.getTime() - (lastUsedMs ?? 0);
  const days = Math.max(0, Math.floor(ageMs / DAY_MS));
  const used = lastUsedMs === undefined ? "never used" : `last used ${formatDays(days)}`;
  return { removable: ageMs > olderThanMs, reason: used };
}

function formatDays(days: number): string {
  if (days === 0) return "today";
  return days === 1 ? "1 day ago" : `${String(days)} days ago`;
}
