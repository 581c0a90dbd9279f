import type { ProcessRef } from "./ports-worktrees.js";

/** What runs on the user's machine for agents without a container. */
export interface HostPrograms {
  /** Whether there is such a program, by its path or on PATH. */
  has(program: string): Promise<boolean>;
  /** Processes that work in the directory or below it, as far as this user may see. */
  processesIn(this: void, directory: string): Promise<ProcessRef[]>;
}

/** The user's git in worktrees of agents without a container, where nobody works who is not the user. */
export interface HostGit {
  /** What git says in a worktree or git dir; undefined when it fails. */
  ask(directory: string, args: readonly string[]): Promise<string | undefined>;
  /** Git dirs of submodules that only this worktree has: paths below `modules` of git's own directory for it. */
  listModules(worktree: string): Promise<{ readonly at: string; readonly gitDir: string }[]>;
  /** Moves git's own directory for the worktree to its files, which are elsewhere already: git forgets it. Twice is fine. */
  putAway(worktree: string, files: string): Promise<void>;
  /** Moves it back, once the files are: git knows the worktree as it was. Nothing there: fine. */
  bringBack(worktree: string): Promise<void>;
}
