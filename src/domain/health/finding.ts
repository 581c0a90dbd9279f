export type Verdict = "ok" | "warning" | "failed";

/** What one check found: that all is well, or one thing that is not. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** What it matters for. */
  readonly why: string;
  /** The command that fixes it. */
  readonly fix: string | undefined;
  /** What `doctor --fix` does about it, in the imperative; undefined: only the user can. */
  readonly repair: string | undefined;
}
