import type { AgentRef } from "../domain/agents/agent.js";
import type { EndpointSettings } from "../domain/endpoint/settings-file.js";

/** What the host keeps for the endpoint that agents reach the task pool through. Errors: those of files. */
export interface EndpointStore {
  /** The name of this machine, as claims have it. */
  readonly machine: string;
  /** Makes what containers mount: the pool, a directory for each of these agents, the program for agents. */
  prepare(agents: readonly AgentRef[], client: string): Promise<void>;
  saveSettings(settings: EndpointSettings): Promise<void>;
  /** Names of the agents that the broker says it serves; undefined when it has said nothing. */
  findServed(): Promise<ReadonlySet<string> | undefined>;
  forgetServed(): Promise<void>;
  /** Names of the agents that have a directory. */
  known(): Promise<string[]>;
  /** Takes an agent's socket away, and what was left for it. Safe to run again. */
  removeAgent(agent: AgentRef): Promise<void>;
}
