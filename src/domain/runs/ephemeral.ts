import type { AgentRef } from "../agents/agent.js";

/** That an agent is there for a while only. It is the host's word: nothing of it is where an agent can write. */
export interface EphemeralNote {
  readonly agent: AgentRef;
  /** The run that it is of; undefined: `agent up --ephemeral` made it. */
  readonly run: string | undefined;
  /** The commit that it started from: what that has is not lost with it. */
  readonly base: string;
  /** ISO 8601: when its time is over. */
  readonly expiresAt: string;
  /** Where its run gathers what it proves, as long as that is not whole. */
  readonly staging: string | undefined;
}

/** The process that tears the agent down when it has done its work; `elsewhere`: on another machine, of which nothing is known here. */
export type OwnerState = "none" | "alive" | "dead" | "elsewhere";

/** Whether the agent is to be taken away: its process is gone, or nobody is known to look after it and its time is over. */
export function isLeft({ expiresAt }: EphemeralNote, owner: OwnerState, now: Date): boolean {
  if (owner === "alive") return false;
  return owner === "dead" || Date.parse(expiresAt) <= now.getTime();
}

/** What a run's agents are called, in their order. */
export function runNames(id: string, count: number): string[] {
  return Array.from({ length: count }, (_, position) => `run-${id}-${String(position + 1)}`);
}
