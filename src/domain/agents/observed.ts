import type { AgentRef } from "./agent.js";
import type { AgentRuntime } from "./runtime.js";

/** What was found of one agent; the engine's labels, `git worktree list` and the files are the only truth. */
export interface ObservedAgent {
  readonly agent: AgentRef;
  readonly worktree: ObservedWorktree;
  readonly state: ObservedState;
  readonly container: ObservedContainer | undefined;
}

export interface ObservedWorktree {
  /** git knows a worktree at the agent's path. */
  readonly registered: boolean;
  /** Short name of the branch the host has checked out there; undefined when detached or not registered. */
  readonly branch: string | undefined;
  readonly directory: "absent" | "empty" | "files";
  /** The directory has its `.git` file. */
  readonly linked: boolean;
  /** The first checkout ran to its end: git writes the index last. */
  readonly checkedOut: boolean;
  /** Its first checkout was begun and not finished: no agent has been in it. */
  readonly unfinished?: boolean;
}

export interface ObservedState {
  /** The home and the generated files are there. */
  readonly home: boolean;
  /** The private git dir is there, whole: it is made aside and renamed into place. */
  readonly git: boolean;
  /** As it was made. */
  readonly runtime: AgentRuntime;
}

export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  /** For people: `Up 2 minutes`. */
  readonly statusText: string;
  readonly configHash: string | undefined;
  readonly config: string | undefined;
  /** The networks it was put on, by name; they can be gone, or others of the same name. */
  readonly networks: ReadonlyMap<string, ObservedAttachment>;
}

export interface ObservedAttachment {
  readonly networkId: string;
  /** Undefined while it does not run. */
  readonly address: string | undefined;
}

/** Whether something in it may be running. */
export function isLive({ state }: Pick<ObservedContainer, "state">): boolean {
  return state === "running" || state === "paused" || state === "restarting";
}

export function isPresent(observed: ObservedAgent): boolean {
  return observed.worktree.registered || observed.container !== undefined || observed.state.git;
}
