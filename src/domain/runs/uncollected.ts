import { findingsOf, type UnsavedWork, type WorkKind } from "../custody/unsaved-work.js";

/** What a proof can have of an agent's work. */
export interface Collected {
  /** Commits of its branches, and of a detached HEAD. */
  readonly bundle: boolean;
  /** What it has changed in files that git knows. */
  readonly patch: boolean;
  readonly untracked: boolean;
  readonly stashes: boolean;
}

/** What of an agent's work is in no proof, in words; commands that run are no work. */
export function findUncollected(work: UnsavedWork, collected: Collected): string[] {
  const isThere = (kind: WorkKind): boolean => {
    if (kind === "running") return true;
    if (kind === "commits" || kind === "detached") return collected.bundle;
    if (kind === "untracked") return collected.untracked;
    if (kind === "stashes") return collected.stashes;
    return kind === "uncommitted" && collected.patch;
  };
  return findingsOf(work)
    .filter(({ kind }) => !isThere(kind))
    .map(({ text }) => text);
}
