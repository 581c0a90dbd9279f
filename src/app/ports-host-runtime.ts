import type { ProcessRef } from "./ports-worktrees.js";

/** What runs on the user's machine for agents without a container. */
export interface HostPrograms {
  /** Whether there is such a program, by its path or on PATH. */
  has(program: string): Promise<boolean>;
  /** Processes that work in the directory or below it, as far as this user may see. */
  processesIn(this: void, directory: string): Promise<ProcessRef[]>;
}
