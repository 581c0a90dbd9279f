import type { ExitCode } from "../../base/error-codes.js";
import type { AgentRef } from "../agents/agent.js";
import type { Task } from "../tasks/task.js";

/** Why an agent's command is over. */
export type EndReason = "passed" | "failed" | "timeout" | "interrupted" | "out_of_memory" | "not_started";

/** How a command came to its end, as far as it was seen. */
export interface CommandEnd {
  /** 128+n when signal n ended it; undefined when nobody could tell. */
  readonly exitCode: number | undefined;
  /** What devkit ended it for. */
  readonly stopped: "timeout" | "interrupted" | undefined;
  /** The kernel has ended something in the agent meanwhile, because it was over its memory limit. */
  readonly isOutOfMemory: boolean;
}

/** What one agent of a run has done. Paths are relative to the proof's directory. */
export interface AgentResult {
  readonly agent: AgentRef;
  readonly task: Pick<Task, "id" | "title"> | undefined;
  /** Undefined: it was never made. */
  readonly branch: string | undefined;
  readonly reason: EndReason;
  readonly exitCode: number | undefined;
  /** ISO 8601; undefined when its command was never started. */
  readonly startedAt: string | undefined;
  readonly durationMs: number;
  /** How long it waited until there was room for it. */
  readonly waitedMs: number;
  readonly commits: readonly { readonly oid: string; readonly subject: string }[];
  /** How many files differ from where it started, committed or not. */
  readonly changedFiles: number;
  readonly egress: { readonly allowed: number; readonly denied: number; readonly failed: number };
  /** Bytes. */
  readonly peakMemory: number | undefined;
  readonly diskBytes: number | undefined;
  readonly files: ProofFiles;
  /** The end of what it printed, safe for a terminal. */
  readonly tail: string;
  /** What went wrong besides its command: it could not be made, collected or removed. */
  readonly problems: readonly string[];
  /** Its id in the trash, where it has what is nowhere else; undefined: nothing of it is left. */
  readonly trash: string | undefined;
}

export interface ProofFiles {
  readonly log: string | undefined;
  readonly patch: string | undefined;
  readonly bundle: string | undefined;
  readonly untracked: string | undefined;
  readonly stashes: string | undefined;
  readonly egress: string | undefined;
}

export const NO_FILES: ProofFiles = {
  log: undefined,
  patch: undefined,
  bundle: undefined,
  untracked: undefined,
  stashes: undefined,
  egress: undefined,
};

export interface RunResult {
  readonly id: string;
  /** The commit that all began at. */
  readonly base: string;
  readonly argv: readonly string[];
  readonly startedAt: string;
  readonly durationMs: number;
  /** How many there could be at once; undefined: as many as there was room for. */
  readonly jobs: number | undefined;
  /** In the order of their names. */
  readonly agents: readonly AgentResult[];
  /** The proof's directory. */
  readonly out: string | undefined;
}

export function judgeEnd({ exitCode, stopped, isOutOfMemory }: CommandEnd): EndReason {
  // Whatever it says of itself: it was not let go on to its end.
  if (stopped !== undefined) return stopped;
  if (exitCode === 0) return "passed";
  return isOutOfMemory ? "out_of_memory" : "failed";
}

/** 0: all passed; 6: some could not be started; 1: all were, and some did not pass. */
export function exitCodeOf(agents: readonly Pick<AgentResult, "reason">[]): Extract<ExitCode, 1 | 6> | 0 {
  if (agents.some(({ reason }) => reason === "not_started")) return 6;
  return agents.every(({ reason }) => reason === "passed") ? 0 : 1;
}
