/** Agents' homes as what grows, what lies open, and what is to be made anew. */
import type { AgentSizes } from "../domain/limits/agent-usage.js";
import type { AgentPaths, Project } from "../domain/identity/project.js";
import type { CutLog } from "../domain/identity/home-logs.js";
import type { LooseMode } from "../domain/identity/home-modes.js";
import type { HomeSwap, KeptHome } from "../domain/identity/home-swap.js";
import type { CarriedLogins } from "../domain/identity/kept-logins.js";
import type { SshKey } from "../domain/identity/ssh-keys.js";
import type { CreateHome } from "./ports.js";

/** Bytes on disk: of links nothing but themselves, of a file with several names once. */
export interface HomeSize {
  readonly bytes: number;
  /** False: there is more, for which there was no time, or which could not be read. */
  readonly isComplete: boolean;
}

export interface HomeEntry {
  /** The agent's text. */
  readonly name: string;
  readonly bytes: number;
}

/** What was counted; `isComplete` as above. */
export interface Counted {
  readonly count: number;
  readonly isComplete: boolean;
}

export interface HomeContents {
  readonly size: HomeSize;
  /** By what is at the top of the home, the largest first. */
  readonly entries: readonly HomeEntry[];
  readonly keys: readonly SshKey[];
  /** Mode of the file with the login; undefined: there is none. */
  readonly logins: Readonly<Record<"codex" | "claude", number | undefined>>;
  readonly codexSessions: Counted;
  readonly claudeProjects: Counted;
}

/**
 * Looks after homes from the host, though agents can write there while it does: never through a link, and never for
 * longer than is said. Deadlines are in ms of `performance.now()`. What an agent has closed to its own user counts as
 * not there.
 */
export interface HomeCare {
  /** Undefined: there is no home. */
  measure(paths: AgentPaths, deadline: number): Promise<HomeSize | undefined>;
  /** All that the agent has on disk, side by side. */
  measureAll(paths: AgentPaths, deadline: number): Promise<AgentSizes>;
  describe(paths: AgentPaths, deadline: number): Promise<HomeContents>;
  /** What others could read or change; with `fix` it is closed to them. */
  findLoose(paths: AgentPaths, options: { readonly fix: boolean }): Promise<LooseMode[]>;
  /** Cuts logs that are larger than they may be to their end. */
  cutLogs(paths: AgentPaths): Promise<CutLog[]>;
}

/** Replaces homes. Everything is moved by rename, and doing any step twice is fine. */
export interface HomeSwaps {
  /** Makes a fresh home beside the agent's own and answers its name there; a killed run's is removed by `agent up`. */
  make(request: Omit<CreateHome, "user">): Promise<string>;
  /** Copies logins from the agent's home into one that `make` made. */
  carryLogins(paths: AgentPaths, made: string): Promise<CarriedLogins>;
  /** Writes down that it is to be: from then on it will be. */
  begin(paths: AgentPaths, swap: HomeSwap): Promise<void>;
  /** Those that were begun and not ended. */
  pending(project: Project): Promise<HomeSwap[]>;
  putAway(project: Project, swap: HomeSwap): Promise<void>;
  putInPlace(project: Project, swap: HomeSwap): Promise<void>;
  end(project: Project, swap: HomeSwap): Promise<void>;
  /** Homes in the trash whose agents went on, the newest first. */
  kept(project: Project): Promise<KeptHome[]>;
}
