/** What runs and agents for a while need of the host. */
import type { Writable } from "node:stream";
import type { AgentRef } from "../domain/agents/agent.js";
import type { RawPath } from "../domain/custody/raw-path.js";
import type { EphemeralNote, OwnerState } from "../domain/runs/ephemeral.js";

/** Which agents are there for a while only: a file for each, in the state directory. */
export interface EphemeralStore {
  /** `owned`: this process takes the agent away. One that is noted already is noted anew. */
  note(note: EphemeralNote, options: { readonly owned: boolean }): Promise<void>;
  /** Fine when there is none. With the last one goes whoever was to be woken. */
  forget(agent: AgentRef): Promise<void>;
  /** Has a command run at that time or earlier, once for all notes, also when no process of devkit is left by then. The caller holds the agents' lock. */
  wake(argv: readonly string[], at: Date): Promise<void>;
  list(): Promise<readonly NotedAgent[]>;
  /** Removes what a killed process left of a proof; a path that is none stays. */
  removeStaging(staging: string): Promise<void>;
}

export interface NotedAgent {
  readonly note: EphemeralNote;
  readonly owner: OwnerState;
}

/** A directory that is made aside, and there whole or not at all. */
export interface Proof {
  /** Where it is until then. */
  readonly staging: string;
  /** A new file in it, below directories as its name says. */
  open(file: string): Promise<Writable>;
  write(file: string, text: string): Promise<void>;
  /** Of one that did not become whole. */
  remove(file: string): Promise<void>;
  /** It is at its place from then on. */
  publish(): Promise<void>;
  abandon(): Promise<void>;
}

/** Does something in the place of this process, should that be killed. */
export interface Keeper {
  /** There is nothing left to do. */
  release(): void;
}

export interface RunHost {
  /** Runs a command, out of any agent's reach, when this process is gone before it has released what is answered. */
  keep(argv: readonly string[], directory: string): Keeper;
  /**
   * `notIn`: directories in which agents write, who could lead it astray.
   * @throws DevkitError E_USAGE in one of those, E_WORK_IN_THE_WAY where something is already, E_FILE, E_DISK_FULL
   */
  beginProof(directory: string, notIn: readonly string[]): Promise<Proof>;
  /** Bytes that these files say they have, together; links are not followed. */
  sizeOf(directory: string, files: readonly RawPath[]): Promise<number>;
  append(file: string, text: string): Promise<void>;
  /** Commits of these refs that `base` has not, as a git bundle. @throws DevkitError E_GIT */
  writeBundle(refs: readonly string[], base: string, sink: NodeJS.WritableStream): Promise<void>;
}
