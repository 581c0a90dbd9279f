const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Ten years: a longer time is a slip of the keyboard. */
const LONGEST_MS = 3653 * UNITS.d;

/** Timers of longer than some 24 days fire at once; room for what is added to a deadline. */
const LONGEST_DEADLINE_MS = 24 * UNITS.d;

/** How long to wait for something at most: what a timer can. */
export function toDeadline(durationMs: number): number {
  return Math.min(durationMs, LONGEST_DEADLINE_MS);
}

/** Milliseconds of `30s`, `10m`, `2h` or `1d`; undefined for anything else, also for no time at all. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const durationMs = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return durationMs > 0 && durationMs <= LONGEST_MS ? durationMs : undefined;
}
