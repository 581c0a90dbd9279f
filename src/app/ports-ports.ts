/** What the use-cases of agents' ports keep on this machine, and what they learn of it. */
import type { AgentRef } from "../domain/agents/agent.js";
import type { RegisteredBlock } from "../domain/ports/block.js";

/** One of this machine's ports, as what forwards it says: whether it has it, or another program does. */
export type HostPortState = "open" | "taken";

/** By port. */
export type HostPorts = ReadonlyMap<number, HostPortState>;

/** The registry that all projects of a user share, and the directories of what forwards ports. Errors: E_FILE and the like. */
export interface PortStore {
  /** Blocks of agents of all projects. @throws DevkitError E_PORT_REGISTRY */
  load(): Promise<readonly RegisteredBlock[]>;
  /**
   * Writes what `work` makes of the registry, while no other devkit of this user does; whole, or not at all.
   * @throws DevkitError E_PORT_REGISTRY
   */
  change<T>(work: (blocks: readonly RegisteredBlock[]) => Promise<RegistryChange<T>>): Promise<T>;
  /** Whether no program listens on a port of this machine's loopback. */
  isFree(port: number): Promise<boolean>;
  /** An empty directory for the two halves of what forwards an agent's ports to meet in. */
  prepareForwarder(agent: AgentRef): Promise<void>;
  /** What the half outside says of this machine's ports; undefined as long as it has said nothing. */
  readForwarder(agent: AgentRef): Promise<HostPorts | undefined>;
  removeForwarder(agent: AgentRef): Promise<void>;
}

export interface RegistryChange<T> {
  /** The same array: nothing is written. */
  readonly blocks: readonly RegisteredBlock[];
  readonly answer: T;
}
