import type { Progress } from "../../../src/app/ports.js";
import { MAIN } from "../../../src/domain/tasks/task.js";
import type { PoolDeps } from "../../../src/cli/deps/connect-tasks.js";

/** A pool without a task, of which nothing can be made: what is in one is tested in a directory. */
export function createEmptyPool(progress: Pick<Progress, "warn">): PoolDeps {
  const none = () => Promise.reject(new Error("there is no pool in memory"));
  return {
    store: {
      load: () => ({ tasks: new Map(), broken: [] }),
      find: () => undefined,
      update: none,
      edit: none,
    },
    running: () => Promise.resolve(new Set()),
    findBranch: () => undefined,
    local: () => undefined,
    host: "here",
    now: () => new Date(),
    leaseMs: () => Promise.resolve(3_600_000),
    prefix: () => Promise.resolve("TSK"),
    agents: () => Promise.resolve([]),
    self: MAIN,
    readList: none,
    topics: () => Promise.resolve({}),
    progress,
  };
}
