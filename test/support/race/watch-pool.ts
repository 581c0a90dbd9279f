import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { RacedTask } from "./judge.js";

interface Looked extends RacedTask {
  readonly claims?: number;
}

/** The tasks of a pool as their files say, looked at again and again while others change them. */
export interface PoolWatch {
  /** Looks once. */
  look(): Promise<ReadonlyMap<string, RacedTask>>;
  /** What was seen that must not be: a broken file, one that is gone, a number that went back, a task undone. */
  readonly violations: ReadonlySet<string>;
}

export function watchPool(repo: string): PoolWatch {
  const directory = path.join(repo, ".devkit/refs/tasks");
  const violations = new Set<string>();
  let before: ReadonlyMap<string, Looked> = new Map();
  return {
    violations,
    async look() {
      const now = new Map<string, Looked>();
      for (const id of await readdir(directory)) {
        const text = await readFile(path.join(directory, id), "utf8");
        try {
          now.set(id, JSON.parse(text) as Looked);
        } catch {
          violations.add(`${id} is broken: ${text}`);
        }
      }
      for (const [id, was] of before) {
        const is = now.get(id);
        if (is === undefined) violations.add(`${id} is gone`);
        else if (was.status === "done" && is.status !== "done")
          violations.add(`${id} was done, is ${is.status}`);
        else if ((is.claims ?? 0) < (was.claims ?? 0)) violations.add(`${id}: its number went back`);
      }
      before = now;
      return now;
    },
  };
}
