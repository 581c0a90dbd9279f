import type { AgentRef } from "../../domain/agents/agent.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { EngineInfo } from "../ports-engine.js";
import type { Machine } from "../ports-health.js";
import type { SshPorts } from "../ports-ssh.js";
import type { Host } from "../ports.js";
import type { Present } from "./find-present.js";

/**
 * One row of the table that doctor and repair share: what is looked at, and why it matters. What it finds says how it is
 * mended, so that both do the same about it.
 */
export interface Check {
  readonly name: string;
  readonly why: string;
  /** Whether killed processes leave such things behind: then `repair` sees to it, too. */
  readonly isReconciled: boolean;
  /** Changes nothing. Whatever it throws is what was found. */
  look(looking: Looking): Promise<Look>;
}

export interface Look {
  /** For people, when nothing is wrong. */
  readonly found: string;
  readonly faults: readonly Fault[];
}

/** One thing that is wrong. */
export interface Fault {
  readonly verdict: "warning" | "failed";
  readonly found: string;
  /** To be typed. */
  readonly fix: string | undefined;
  /** Undefined: only the user can. */
  readonly repair?: Repair | undefined;
}

/** Loses nothing, is safe to be cut off and done again, and looks once more before it changes anything. */
export interface Repair {
  /** In the imperative: "remove the container x". Of several faults with the same one it is done once. */
  readonly action: string;
  apply(acting: Acting): Promise<void>;
}

/** What checks look with. Every question to the engine has a deadline; what is asked twice is asked once. */
export interface Looking {
  readonly host: Host;
  readonly machine: Machine;
  readonly ssh: SshPorts;
  readonly signal: AbortSignal;
  gitVersion(this: void): Promise<string>;
  /** @throws DevkitError that says why no engine can be used */
  engineInfo(this: void): Promise<EngineInfo>;
  project(this: void): Promise<SpawnDeps>;
  settings(this: void): Promise<{ readonly settings: Settings; readonly settingsOf: SettingsOf }>;
  /** The agents there are something of. */
  present(this: void): Promise<Present>;
}

/** What repairs act with: nothing of it has a deadline of doctor's. */
export interface Acting {
  readonly host: Host;
  readonly machine: Machine;
  readonly deps: SpawnDeps;
  /** Makes these agents whole and starts them, as `agent up` does. */
  bringUp(this: void, agents: readonly AgentRef[]): Promise<void>;
  /** As `devkit up` does. */
  startStack(this: void): Promise<void>;
  /** As `image build` does. */
  buildImages(this: void): Promise<void>;
}

export function ok(found: string): Look {
  return { found, faults: [] };
}

/** What was found, or the faults where there are any. */
export function judged(found: string, faults: readonly Fault[]): Look {
  return { found, faults };
}

export function warning(found: string, fix: string | undefined, repair?: Repair): Fault {
  return { verdict: "warning", found, fix, repair };
}

export function failure(found: string, fix: string | undefined, repair?: Repair): Fault {
  return { verdict: "failed", found, fix, repair };
}

/** Typed by whoever wants all that devkit can mend by itself mended. */
export const REPAIR = "devkit repair --apply";

export function bringingUp(agent: AgentRef): Repair {
  return { action: `bring ${agent.name} up`, apply: ({ bringUp }) => bringUp([agent]) };
}

/** What `devkit up` does. */
export const STARTING_STACK: Repair = {
  action: "start what agents share",
  apply: ({ startStack }) => startStack(),
};
