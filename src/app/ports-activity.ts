/** What agents say of themselves, and what tells that something about them may have changed. */
import type { ObservedPane } from "../domain/activity/activity.js";
import type { AgentEvent } from "../domain/activity/agent-event.js";

/** The last event of each agent, in a directory that no agent reaches. */
export interface ActivityStore {
  /** Undefined when there is none, or what is there is none. */
  find(agentName: string): AgentEvent | undefined;
  save(agentName: string, event: AgentEvent): Promise<void>;
}

/** What looking at an agent's activity needs besides the engine. */
export interface ActivityDeps {
  readonly events: ActivityStore;
  /** The terminals that agents' commands run in, by agent; empty without tmux. */
  panes(): Promise<ReadonlyMap<string, ObservedPane>>;
  now(): Date;
}

/** Where a change can come from. */
export type ChangeSource = "events" | "pool" | "containers";

/** Tells that something may have changed, until the signal; trouble with one source is told once, and it is tried again. */
export type FollowChanges = (tell: (source: ChangeSource) => void, signal: AbortSignal) => void;
