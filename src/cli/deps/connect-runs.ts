import { runHost } from "../../adapters/fs/run-host.js";
import { createBundleWriter } from "../../adapters/git/write-bundle.js";
import { startKeeper } from "../../adapters/process/start-keeper.js";
import type { SpawnDeps } from "../../app/agents/spawn-deps.js";
import type { RunDeps } from "../../app/runs/run-deps.js";
import type { Host } from "../../app/ports.js";
import { connectMerges } from "./connect-merges.js";

export interface RunNeeds {
  readonly spawning: SpawnDeps;
  readonly host: Host;
  readonly passedEnv: RunDeps["passedEnv"];
}

/** An egress container writes once a second. */
const AUDIT_MS = 1200;

/** What runs need besides agents with tasks. */
export async function connectRuns({ spawning, host, passedEnv }: RunNeeds): Promise<RunDeps> {
  const { merges, landing, changes } = await connectMerges(spawning);
  return {
    ...spawning,
    ...{ merges, landing, changes, host, passedEnv, auditMs: AUDIT_MS },
    runHost: { ...runHost, keep: startKeeper, writeBundle: createBundleWriter(spawning.project.root) },
  };
}
