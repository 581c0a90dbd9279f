import path from "node:path";
import { runHost } from "../../../src/adapters/fs/run-host.js";
import { createBundleWriter } from "../../../src/adapters/git/write-bundle.js";
import { startKeeper } from "../../../src/adapters/process/start-keeper.js";
import { runAgents, type RunRequest } from "../../../src/app/runs/run-agents.js";
import type { RunDeps } from "../../../src/app/runs/run-deps.js";
import type { RunEvent } from "../../../src/domain/runs/run-event.js";
import type { RunResult } from "../../../src/domain/runs/run-result.js";
import { mergeDepsOf } from "./merging.js";
import { createSpawnStand, type SpawnStand } from "./spawn-stand.js";

/** A project with real git and a real pool, in which agents run a command each; the engine is in memory. */
export interface RunStand {
  readonly stand: SpawnStand;
  readonly deps: RunDeps;
  readonly events: RunEvent[];
  /** Where a proof can go. */
  readonly out: string;
  /** A shell script in one agent, with whatever else is asked for. */
  run(script: string, asked?: Partial<RunRequest>, deps?: RunDeps, calm?: RunDeps): Promise<RunResult>;
}

/** git in an agent, as its container would run it. */
export const GIT = "git --git-dir='/devkit/git' --work-tree=. -c user.name=a -c user.email=a@example.com";

export async function createRunStand(): Promise<RunStand> {
  const stand = await createSpawnStand();
  const { merges, landing, changes } = mergeDepsOf(stand.agents);
  const deps: RunDeps = {
    ...stand.deps,
    ...{ merges, landing, changes, host: stand.request.host, auditMs: 0 },
    runHost: { ...runHost, keep: startKeeper, writeBundle: createBundleWriter(stand.repo.root) },
    passedEnv: () => Promise.resolve({}),
  };
  const events: RunEvent[] = [];
  const { name: _name, count: _count, assigns: _assigns, ...spawn } = stand.request;
  return {
    ...{ stand, deps, events },
    out: path.join(path.dirname(stand.repo.root), "proof"),
    run: (script, asked = {}, other = deps, calm = deps) =>
      runAgents(other, calm, {
        ...{
          id: "aa11",
          argv: ["sh", "-c", script],
          count: 1,
          tasks: undefined,
          timeoutMs: 60_000,
          jobs: undefined,
        },
        ...{ out: undefined, spawn: { ...spawn, now: new Date() }, onEvent: (event) => events.push(event) },
        describe: (result) => new Map([["run.json", JSON.stringify(result)]]),
        ...asked,
      }),
  };
}
