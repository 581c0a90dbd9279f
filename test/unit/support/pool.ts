import { existsSync } from "node:fs";
import path from "node:path";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createTaskStore } from "../../../src/adapters/fs/task-store.js";
import { openLocalState } from "../../../src/adapters/fs/local-state.js";
import type { TaskDeps } from "../../../src/app/ports-tasks.js";
import { projectOf } from "../../../src/domain/identity/project.js";
import { tempDir } from "./temp.js";

/** A pool in a directory of the test's own; time, and who runs, are as the test says. */
export interface TestPool {
  readonly root: string;
  readonly tasksDir: string;
  readonly deps: TaskDeps;
  readonly warnings: string[];
  /** Undefined: no engine answers. */
  running: ReadonlySet<string> | undefined;
  /** How often it was asked who runs. */
  asked: number;
  now: number;
  /** A task's file as JSON. */
  read(id: string): Promise<Record<string, unknown>>;
  write(name: string, content: unknown): Promise<void>;
}

export const LEASE_MS = 3_600_000;

export async function createPool(host = "here"): Promise<TestPool> {
  const root = await tempDir();
  const project = projectOf({
    root,
    commonDir: path.join(root, ".git"),
    stateHome: path.join(root, "state"),
  });
  const tasksDir = path.join(project.devkitDir, "refs/tasks");
  const warnings: string[] = [];
  const progress = { warn: (text: string) => void warnings.push(text) };
  const store = createTaskStore({ project, progress, signal: new AbortController().signal, foreignMs: 300 });
  const pool: TestPool = {
    ...{ root, tasksDir, warnings, asked: 0, now: Date.parse("2026-01-01T00:00:00Z") },
    running: new Set(),
    deps: {
      store,
      running: () => {
        pool.asked += 1;
        return Promise.resolve(pool.running);
      },
      findBranch: (agent) => `branch-of-${agent}`,
      local: (agent) => {
        const worktree = path.join(root, "worktrees", agent);
        return existsSync(worktree) ? openLocalState(worktree) : undefined;
      },
      host,
      now: () => new Date(pool.now),
      leaseMs: () => Promise.resolve(LEASE_MS),
      prefix: () => Promise.resolve("TSK"),
      progress,
    },
    read: async (id) =>
      JSON.parse(await readFile(path.join(tasksDir, id), "utf8")) as Record<string, unknown>,
    async write(name, content) {
      await mkdir(tasksDir, { recursive: true });
      const text = typeof content === "string" ? content : JSON.stringify(content);
      await writeFile(path.join(tasksDir, name), text);
    },
  };
  return pool;
}
