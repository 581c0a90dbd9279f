import type { RunningAgent } from "../agents/exec.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { MergeDeps } from "../ports-merging.js";
import type { RunHost } from "../ports-runs.js";
import type { Host } from "../ports.js";

/** What a run needs besides agents with tasks. */
export interface RunDeps extends SpawnDeps, Pick<MergeDeps, "merges" | "landing" | "changes"> {
  readonly host: Host;
  readonly runHost: RunHost;
  /** How long it may take until what an agent has asked for is in its egress log. */
  readonly auditMs: number;
  /** Those of the user's variables that commands in the agent get. */
  passedEnv(this: void, running: RunningAgent): Promise<Record<string, string>>;
}
