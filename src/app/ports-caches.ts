/** The download caches as the use-cases see them. */
import type { CacheName } from "../domain/caches/cache-names.js";
import type { CacheSize } from "../domain/caches/listed-cache.js";
import type { UserCaches } from "../domain/caches/cache-places.js";
import type { CachePlan } from "../domain/caches/plan-caches.js";
import type { AgentPaths } from "../domain/identity/project.js";

/** Where a tool's files are: what all share, what the user has adopted, or what one agent has on top of that. */
export type CachePlace = "shared" | "base" | AgentPaths;

/** What adopting would bring, or has brought. */
export interface AdoptedFiles {
  readonly files: number;
  readonly bytes: number;
  /** Links, devices and whatever else is no file, what cannot be read, and what is not to be adopted. */
  readonly leftOut: number;
}

/**
 * The caches' directories. Agents write in them: nothing is read, made or removed through a link there.
 * Errors: E_DISK_FULL, E_READ_ONLY, E_FILE.
 */
export interface Caches {
  /** Where those of this user are. */
  readonly user: UserCaches;
  /** Why what an agent's container mounts has to be made; undefined: it is there, as planned. */
  findTrouble(paths: AgentPaths, plan: CachePlan): Promise<string | undefined>;
  /** Makes it, and the links in the agent's home; what the agent has put in the place of one stays. */
  make(paths: AgentPaths, plan: CachePlan): Promise<void>;
  /** Makes what agents have taken from the shared caches, or put something else in the place of, again. */
  tidyShared(plan: CachePlan): Promise<void>;
  /** What stands among the shared caches and is none: names. */
  listStrays(): Promise<string[]>;
  removeStrays(): Promise<void>;
  /** Removes an agent's own. False: the kernel has left something there that only the engine can empty. */
  removeOwn(paths: AgentPaths): Promise<boolean>;
  /** The directory that the kernel leaves, closed to everybody. */
  kernelDir(paths: AgentPaths): string;
  measure(place: CachePlace, tool: CacheName, deadline: number): Promise<CacheSize>;
  /** Empties a tool's place, and leaves it as `make` would. */
  empty(place: CachePlace, tool: CacheName): Promise<void>;
  /** What an agent has on top of the base: its regular files and directories. */
  inspectOwn(paths: AgentPaths, tool: CacheName): Promise<AdoptedFiles>;
  /** Makes a new base: the old one, with what an agent has on top of it. */
  adopt(paths: AgentPaths, tools: readonly CacheName[]): Promise<void>;
  /** Older bases, which a container that was started before still reads. */
  listOldBases(): Promise<string[]>;
  removeOldBases(): Promise<void>;
}
