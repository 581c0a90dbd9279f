/** The user's ssh on this machine, and what devkit keeps of each agent's. */
import type { Duplex } from "node:stream";
import type { AgentPaths } from "../domain/identity/project.js";

/** A file that the user named, followed wherever it leads. */
export type UserFile =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: "missing" | "unreadable" | "no file" };

export interface UserSsh {
  /** Where ssh would look for a key, in its order: absolute paths. */
  readonly defaultKeys: readonly string[];
  /** `file`: as typed; relative to where devkit was started. */
  readKey(file: string): Promise<UserFile>;
  /** A connection to the user's ssh agent; undefined when none answers. */
  connectAgent(): Promise<Duplex | undefined>;
}

/** What the user decided about an agent's ssh. Out of the agent's reach. */
export interface SshRecord {
  /** Commands in the agent get the user's ssh agent. */
  readonly forward: boolean;
}

export interface SshRecords {
  load(paths: AgentPaths): SshRecord;
  save(paths: AgentPaths, record: SshRecord): Promise<void>;
}

export interface SshPorts {
  readonly user: UserSsh;
  readonly records: SshRecords;
}
