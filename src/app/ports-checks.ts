import type { Check } from "../domain/checks/check.js";
import type { LocalState } from "./ports-local-state.js";

/** What somebody has changed, as their git sees it. Paths are those in the repository. */
export interface Changes {
  /** Files that the next commit changes. */
  staged(): Promise<readonly string[]>;
  /** Files that are different from where the history of `base` was left: with what is not committed, or without. */
  since(base: string, options: { readonly committedOnly: boolean }): Promise<readonly string[]>;
  /** Values of the `Devkit-Verify` trailers of the commits since then, the oldest first. */
  verified(base: string): Promise<readonly string[]>;
}

/** Devkit's git hooks in a git dir, which may be an agent's own. @throws DevkitError E_WORK_IN_THE_WAY */
export interface GitHooks {
  /**
   * Writes them where they are missing or of another version. A hook of somebody else's is kept beside and run after;
   * answers those whose place is taken by one while another is kept already.
   */
  install(gitDir: string, hasChecks: boolean): readonly string[];
  /** Says whether there are checks to hooks that are there; nothing where there are none of devkit's. */
  mark(gitDir: string, hasChecks: boolean): void;
}

/** What the use-cases of checks need. Who acts is an argument of each: an agent's name, or `main`. */
export interface CheckDeps {
  /** Those that hold for it. */
  checksOf(agent: string): Promise<readonly Check[]>;
  changesOf(agent: string): Promise<Changes>;
  /** Undefined when it has no worktree, or none that we may write in. */
  local(agent: string): LocalState | undefined;
  now(): Date;
}
