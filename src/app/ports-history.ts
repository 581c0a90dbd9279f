/** What goes into the primary's history, and what comes of it. */
import type { RefUpdate } from "../domain/custody/sync-plan.js";

/** A git bundle on its way in. */
export interface IncomingBundle {
  /** The agent's name; one bundle of an agent at a time. */
  readonly owner: string;
  readonly source: AsyncIterable<Buffer>;
  /** The refs that were asked for, as the agent names them; others in it are ignored. */
  readonly refs: ReadonlySet<string>;
  /** How long the source may be silent. */
  readonly patienceMs: number;
  /** Asked only when there is a gitlink that is no submodule of the user's own commit. */
  readonly allowsGitlinks: () => Promise<boolean>;
}

export interface TakenCommits {
  /** Where the agent's refs were when it sent them: ref → commit. */
  readonly tips: ReadonlyMap<string, string>;
  /** Those of them that may not have a ref on the host, and why. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface MoveRefs {
  readonly updates: readonly RefUpdate[];
  /** Refs that may not move, and why: full ref → reason. */
  readonly held: ReadonlyMap<string, string>;
  /** The ref that keeps the old tip of one that the agent has rewritten; of its own for each tip. */
  readonly keepAs: (ref: string, oid: string) => string;
}

/** Where the primary's git-lfs keeps its objects. */
export interface LfsStore {
  readonly directory: string;
  /** Those of these objects that it does not have. */
  missing(oids: readonly string[]): Promise<string[]>;
}
