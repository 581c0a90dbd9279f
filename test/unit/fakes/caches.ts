import path from "node:path";
import type { Caches } from "../../../src/app/ports-caches.js";
import { userCaches } from "../../../src/domain/caches/cache-places.js";
import type { CacheUse } from "../../../src/domain/caches/plan-caches.js";
import type { AgentPaths } from "../../../src/domain/identity/project.js";
import { CACHES_DIR } from "../support/things.js";
import type { Before } from "./git.js";

/** Caches in memory: what was made for whom. */
export interface FakeCaches extends Caches {
  /** Agent name → what it was made with. */
  readonly made: Map<string, readonly CacheUse[]>;
  /** Agents of which the kernel has left something. */
  readonly closed: Set<string>;
}

export function createFakeCaches(before: Before = () => undefined): FakeCaches {
  const made = new Map<string, readonly CacheUse[]>();
  const closed = new Set<string>();
  const nameOf = ({ state }: AgentPaths) => path.basename(state);
  const none = { bytes: 0, files: 0, lastUsedMs: undefined, isComplete: true };
  return {
    user: userCaches(CACHES_DIR),
    made,
    closed,
    findTrouble(paths, { uses }) {
      const found = JSON.stringify(made.get(nameOf(paths)) ?? []);
      return Promise.resolve(found === JSON.stringify(uses) ? undefined : "its caches are others now");
    },
    async make(paths, { uses }) {
      await before("caches", nameOf(paths));
      made.set(nameOf(paths), uses);
    },
    async removeOwn(paths) {
      await before("remove caches", nameOf(paths));
      if (closed.has(nameOf(paths))) return false;
      made.delete(nameOf(paths));
      return true;
    },
    tidyShared: () => Promise.resolve(),
    listStrays: () => Promise.resolve([]),
    removeStrays: () => Promise.resolve(),
    kernelDir: ({ state }) => path.join(state, "caches/work/work"),
    measure: () => Promise.resolve(none),
    empty: () => Promise.resolve(),
    inspectOwn: () => Promise.resolve({ files: 0, bytes: 0, leftOut: 0 }),
    adopt: () => Promise.resolve(),
    listOldBases: () => Promise.resolve([]),
    removeOldBases: () => Promise.resolve(),
  };
}
