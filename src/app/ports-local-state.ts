import type { StagedVerification } from "../domain/checks/local-files.js";

/**
 * What is one agent's, or the user's, and nobody else's: the files in `.devkit` of its worktree. Its agent can write
 * them, so they say nothing about anybody's claims: the pool does. Whatever is no such file, or does not read as one, is
 * not there.
 */
export interface LocalState {
  /** The id of the task that is worked on, as far as this file goes. */
  head(): string | undefined;
  /** Undefined: none. @throws DevkitError E_WORK_IN_THE_WAY, as all that write */
  setHead(id: string | undefined): void;
  /** Verifications for the next commit. */
  staged(): readonly StagedVerification[];
  setStaged(staged: readonly StagedVerification[]): void;
  topic(): string | undefined;
  setTopic(id: string | undefined): void;
}

/** Opens that of a worktree: its absolute path. */
export type OpenLocalState = (worktree: string) => LocalState;
