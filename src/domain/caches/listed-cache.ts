import type { AgentRef } from "../agents/agent.js";
import type { CacheName } from "./cache-names.js";

export interface CacheSize {
  readonly bytes: number;
  readonly files: number;
  /** Of the file that was used last; undefined: there is none. */
  readonly lastUsedMs: number | undefined;
  /** Otherwise time ran out, and there is more. */
  readonly isComplete: boolean;
}

/** A container that has a cache, of this project or another. */
export interface CacheUser {
  readonly projectId: string;
  readonly agentName: string;
  readonly running: boolean;
}

/** One tool's cache in one place. */
export interface ListedCache {
  readonly tool: CacheName;
  /** own: what an agent has on top of the base. */
  readonly place: "shared" | "base" | "own";
  /** Whose own it is. */
  readonly agent: AgentRef | undefined;
  readonly size: CacheSize;
  readonly users: readonly CacheUser[];
}
