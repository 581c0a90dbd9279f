/** What the use-cases of egress keep on this machine, and what they learn of it. */
import type { AgentRef } from "../domain/agents/agent.js";
import type { Cidr } from "../domain/egress/cidr.js";
import type { RememberedPolicy } from "../domain/egress/memory-file.js";
import type { EgressRule } from "../domain/egress/rules.js";
import type { EgressPaths } from "../domain/identity/project.js";

/** Files of egress, and the networks of this machine. Errors: E_IO and what becomes of a full disk. */
export interface EgressStore {
  /** The networks this machine has routes to, without the default route. */
  routes(): Promise<Cidr[]>;
  /** This machine's addresses, without the loopback's. */
  addresses(): string[];
  /** What `agent up` has last read from the settings. */
  loadMemory(): Promise<RememberedPolicy>;
  saveMemory(memory: RememberedPolicy): Promise<void>;
  /** Those of `devkit allow` and `devkit deny`. @throws DevkitError E_EGRESS_RULES */
  loadRules(): Promise<readonly EgressRule[]>;
  saveRules(rules: readonly EgressRule[]): Promise<void>;
  /** Makes the directories of one egress container, and its configuration exactly these files. */
  writeConfig(paths: EgressPaths, files: ReadonlyMap<string, string>): Promise<void>;
  /** The generation of the configuration that was written last. */
  findWritten(paths: EgressPaths): Promise<string | undefined>;
  /** The generation that the container says it runs with. */
  findApplied(paths: EgressPaths): Promise<string | undefined>;
  /** What a container that has ended said counts no more. */
  forgetApplied(paths: EgressPaths): Promise<void>;
  /** What keeps a container from a generation, in its words; undefined while nothing does. Hostile text. */
  findProblem(paths: EgressPaths, generation: string): Promise<string | undefined>;
  /** What the container wrote of who asked for what, oldest first; hostile text. */
  readAudit(paths: EgressPaths): Promise<string>;
  /** What an agent reads of its own policy: file name → text. */
  writePolicy(directory: string, text: string): Promise<void>;
  /** Which start of which container an agent's network was sealed for last. */
  loadSeal(agent: AgentRef): Promise<string | undefined>;
  saveSeal(agent: AgentRef, seal: string): Promise<void>;
  /** Names of agents that have, or had, an egress of their own. */
  listOwners(): Promise<string[]>;
  /** Bytes of the log, and when it was last written; undefined: there is none. */
  describeLog(paths: EgressPaths): Promise<{ readonly bytes: number; readonly lastMs: number } | undefined>;
  /** With all else there is of that egress. */
  removeLog(paths: EgressPaths): Promise<void>;
  /** The policies of one egress container; its log stays. */
  removeConfig(paths: EgressPaths): Promise<void>;
  /** Its policy as text, its profiles and the rules for it alone. */
  forgetAgent(agent: AgentRef): Promise<void>;
}
