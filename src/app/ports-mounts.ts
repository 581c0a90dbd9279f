/** The host as far as settings ask for parts of it. */
import type { AgentPaths } from "../domain/identity/project.js";
import type { FoundPath } from "../domain/mounts/source-problem.js";

export interface MountHost {
  /** What is there, every directory on the way looked at: nothing is followed. */
  inspect(hostPath: string): Promise<FoundPath>;
  /** Without links; of what is not there, as far as it is. */
  realPath(hostPath: string): Promise<string>;
  /** The repository that a directory is in or is itself. */
  findRepository(hostPath: string): Promise<string | undefined>;
  /** What a directory has in it that decides about it; the search ends after some thousands of entries. */
  findInside(directory: string): Promise<FoundInside>;
  /** A regular file's text, or why it cannot be had. */
  readText(file: string): Promise<{ readonly text: string } | { readonly problem: string }>;
  /** Makes an agent's own directory of that name unless it is there, and answers where it is. */
  createVolume(paths: AgentPaths, name: string): Promise<string>;
  /**
   * Makes the directory or file that something is mounted over, in a directory that an agent can write: no link on the
   * way is followed. False: something else stands there.
   */
  createMountPoint(parent: string, relative: string, isFile: boolean): Promise<boolean>;
}

export interface FoundInside {
  /** A socket of a container engine, or any that is right in it. */
  readonly socket: string | undefined;
  readonly repository: string | undefined;
}
