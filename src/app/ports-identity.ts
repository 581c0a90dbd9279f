/** Agents' homes as what is kept in them sees them: keys, logins, settings of programs. */
import type { AgentPaths } from "../domain/identity/project.js";

/** A file of an agent's home. */
export interface HomeFile {
  /** Relative to the home. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/**
 * Reads and writes homes from the host, though agents can write there too: never through a link, and never anything
 * that is not in the home. Errors: E_HOME where something of the agent's stands in the way, and those of files.
 */
export interface HomeFiles {
  /** Replaces files, each whole or not at all, in this order; directories that are missing are made for the agent alone. */
  write(paths: Pick<AgentPaths, "home">, files: readonly HomeFile[]): void;
  /** Undefined: there is none, it is no plain file, or it is larger than `limit` bytes. */
  read(paths: Pick<AgentPaths, "home">, file: string, limit: number): string | undefined;
  /** Permissions of whatever is at that name, a link's own; undefined when nothing is. */
  mode(paths: AgentPaths, file: string): number | undefined;
  /** Those that are not there are fine. */
  remove(paths: Pick<AgentPaths, "home">, files: readonly string[]): void;
}
