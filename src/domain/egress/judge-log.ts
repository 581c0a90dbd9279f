import { KEEP_DAYS } from "../custody/trash.js";

/** What is known of the log of an agent's own egress. */
export interface LogFacts {
  /** There is something of the agent, or it is in the trash and can come back. */
  readonly isNeeded: boolean;
  /** Since it was last written. */
  readonly ageMs: number;
}

/** Whether the log of an egress may go: who asked for what is worth knowing for a while after an agent is gone. */
export function isOldLog({ isNeeded, ageMs }: LogFacts): boolean {
  return !isNeeded && ageMs >= KEEP_DAYS * 86_400_000;
}
