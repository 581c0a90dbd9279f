/** What doctor asks the machine itself. */

/** How a file or directory is kept. */
export interface FileAccess {
  readonly uid: number;
  readonly mode: number;
  /** By this user. */
  readonly isWritable: boolean;
}

/** A worktree that this repository has registered and another checkout of it has: made by copying the git dir. */
export interface CopiedWorktree {
  /** The name of its registration here. */
  readonly id: string;
  readonly worktree: string;
  /** The git dir that the worktree itself names, and which names the worktree. */
  readonly owner: string;
}

export interface Machine {
  /** Of the Node that runs this. */
  readonly nodeVersion: string;
  now(): Date;
  /** Undefined: it is not there. */
  findAccess(path: string): Promise<FileAccess | undefined>;
  /** Closes a directory to everybody else. */
  close(path: string): Promise<void>;
  findCopied(commonDir: string): Promise<CopiedWorktree[]>;
  /** Takes such a registration away, looking again first; the worktree and the other checkout stay as they are. */
  forgetCopied(commonDir: string, id: string): Promise<void>;
}
