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

/** What the names of a run's agents begin with. */
export function runName(id: string): string {
  return `run-${id}`;
}

/** The name that `chooseAgents` is asked for, so that one agent has its number too. */
export function askedName(id: string, count: number): string {
  return count === 1 ? `${runName(id)}-1` : runName(id);
}
