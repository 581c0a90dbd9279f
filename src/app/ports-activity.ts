/** What agents say of themselves, and what tells that something about them may have changed. */
import type { ObservedPane } from "../domain/activity/activity.js";
import type { AgentEvent } from "../domain/activity/agent-event.js";

/** The last event of each agent, in a directory that no agent reaches. */
export interface ActivityStore {
  /** Undefined when there is none, or what is there is none. */
  find(agentName: string): AgentEvent | undefined;
  save(agentName: string, event: AgentEvent): Promise<void>;
}

/** Where a change can come from. */
export type ChangeSource = "events" | "pool" | "containers";

/** Tells where something may have changed, until the signal; a source that is not there, or breaks, is tried again. */
export type FollowChanges = (tell: (source: ChangeSource) => void, signal: AbortSignal) => void;

/** What looking at agents' activity needs besides the engine. */
export interface ActivityDeps {
  readonly events: ActivityStore;
  /** The terminals that agents' commands run in, by agent; empty without tmux. */
  panes(): Promise<ReadonlyMap<string, ObservedPane>>;
  readonly follow: FollowChanges;
  now(): Date;
}
