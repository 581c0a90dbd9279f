/** What hooks leave on the host, and running them there. */
import type { AgentHook } from "../domain/hooks/agent-hooks.js";
import type { HookRecord } from "../domain/hooks/hook-record.js";
import type { AgentPaths } from "../domain/identity/project.js";

/** Records and output of one project's hooks, out of the agents' reach. */
export interface HookStore {
  loadRecord(paths: AgentPaths): Promise<HookRecord>;
  saveRecord(paths: AgentPaths, record: HookRecord): Promise<void>;
  /** Keeps what a hook said, instead of what it said before; answers the file. */
  saveLog(paths: AgentPaths, hook: AgentHook, text: string): Promise<string>;
  /** What the agent's home says of how its warm hook fares; the agent's text. */
  readWarmStatus(paths: AgentPaths): string | undefined;
}

/** Lists of host commands that the user has approved. */
export interface TrustStore {
  /** Hashes of lists, see `hashCommands`. */
  load(): Promise<ReadonlySet<string>>;
  /** Everything that is on an approved list. */
  approvedTexts(): Promise<ReadonlySet<string>>;
  add(hash: string, commands: readonly string[], now: Date): Promise<void>;
  /** Forgets all; answers how many there were. */
  revoke(): Promise<number>;
}

export interface HostCommand {
  readonly command: string;
  /** Standard output and error together. */
  readonly output: NodeJS.WritableStream;
  /** Ends it and what it started, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Besides the user's own variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command with a shell in the primary's root; resolves with its exit code, 128+n when a signal ended it. */
export type RunHostCommand = (command: HostCommand) => Promise<number>;
