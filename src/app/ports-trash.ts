/** What removing agents and bringing them back needs. */
import type { Landing } from "../domain/worktrees/prune.js";
import type { RefChange, TrashEntry, TrashItem, TrashStage } from "../domain/custody/trash.js";

/** The host's refs, several at a time. */
export interface RefStore {
  /** Full name → object id: of these refs, and of all below them. */
  list(...patterns: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** All of them or none, and none when one is not where it was looked at. */
  change(changes: readonly RefChange[]): Promise<void>;
  /** Those of these refs, and of all below them, that are at the commit or one it builds on. */
  mergedInto(oid: string, pattern: string): Promise<ReadonlySet<string>>;
  /** How many commits these have that are nowhere else on the host. */
  countOwn(tips: readonly string[], elsewhere: Elsewhere): Promise<number>;
  /** How the commits of a branch got into the base; undefined when they did not, or not so that it can be seen. */
  findLanding(tip: string, base: string): Promise<Landing | undefined>;
}

/** Where commits are safe: on local branches, remote branches and tags, and below `commits`. */
export interface Elsewhere {
  /** Prefix of full branch refs that do not count. */
  readonly except: string | undefined;
  readonly commits: readonly string[];
}

/** Removed agents, kept for a while. Everything is moved by rename, and moving twice is fine. */
export interface Trash {
  list(): Promise<TrashItem[]>;
  /** Writes down, in the agent's own place, that it is being removed: from then on it will be. */
  begin(entry: TrashEntry): Promise<void>;
  /** Undefined: it is an agent again. */
  setStage(item: TrashItem, stage: TrashStage | undefined): Promise<void>;
  /** Moves home and private git dir. */
  moveState(entry: TrashEntry, to: "trash" | "agent"): Promise<void>;
  /** Moves the worktree's files, where there are any. */
  moveFiles(entry: TrashEntry, to: "trash" | "agent"): Promise<void>;
  removeFiles(id: string): Promise<void>;
  /** Ids of everything there, also of what no entry belongs to. */
  ids(): Promise<string[]>;
  /** Removes files, home and private git dir for good. */
  remove(id: string): Promise<void>;
  /** When somebody last looked for what is too old, by the clock that there was then. */
  lastLook(): Promise<Date | undefined>;
  noteLook(time: Date): Promise<void>;
  /** Bytes it takes on disk. */
  size(id: string): Promise<number>;
}
