import { toDevkitError } from "../../base/errors.js";
import type { RunEvent } from "../../domain/runs/run-event.js";
import { judgeEnd } from "../../domain/runs/run-result.js";
import { requireRunning, type RunningAgent } from "../agents/exec.js";
import type { SpawnedAgent } from "../agents/spawn.js";
import type { Proof } from "../ports-runs.js";
import { renew } from "../tasks/free-claims.js";
import { collect, type Collection } from "./collect.js";
import { openLog, type AgentLog } from "./open-log.js";
import type { RanAgent, RunRequest } from "./run-agents.js";
import { runCommandIn, type EndedCommand } from "./run-command.js";
import type { RunDeps } from "./run-deps.js";

export interface OneRequest {
  readonly run: RunRequest;
  readonly spawned: SpawnedAgent;
  readonly base: string;
  readonly proof: Proof | undefined;
}

const NOTHING: Collection = {
  ...{ commits: [], changedFiles: 0, egress: { allowed: 0, denied: 0, failed: 0 } },
  ...{ peakMemory: undefined, diskBytes: undefined, patch: undefined, bundle: undefined },
  ...{ untracked: undefined, stashes: undefined, audit: undefined },
};

/** Runs the command in one agent, and gathers what came of it. Never throws for one agent's trouble. */
export async function runOne(
  deps: RunDeps,
  calm: RunDeps,
  request: OneRequest,
): Promise<Omit<RanAgent, "waitedMs">> {
  const { run, spawned, base, proof } = request;
  const { agent, branch, task } = spawned;
  const tell = createTell(run, agent.name);
  const problems: string[] = [];
  const startedAt = new Date();
  tell({ event: "started", index: agent.index, task_id: task?.id ?? null, branch });
  const log = await openLog(proof, agent.name);
  let running: RunningAgent | undefined;
  let end: EndedCommand;
  try {
    running = await requireRunning(calm, agent.name);
    end = await runCommand(deps, running, { ...request, log });
  } catch (error) {
    end = { exitCode: undefined, stopped: undefined, isOutOfMemory: false, error: toDevkitError(error) };
  }
  // While it ran its claim was safe; now it is being stopped.
  if (task !== undefined) await renew(calm.pool, task.id, agent.name).catch(() => undefined);
  const durationMs = Date.now() - startedAt.getTime();
  const reason = running === undefined && end.stopped === undefined ? "not_started" : judgeEnd(end);
  if (end.error !== undefined) problems.push(end.error.message);
  tell({ event: "ended", reason, exit_code: end.exitCode ?? null, duration_ms: durationMs });
  const logFile = await log.close();
  const about = { agent, base, proof, problems };
  const { patch, bundle, untracked, stashes, audit, ...collected } =
    running === undefined ? NOTHING : await collect(calm, { ...about, containerId: running.container.id });
  const cut = log.problem();
  if (cut !== undefined) problems.push(cut);
  return {
    ...{
      agent,
      task,
      branch,
      reason,
      exitCode: end.exitCode,
      startedAt: startedAt.toISOString(),
      durationMs,
    },
    ...collected,
    ...{
      files: { log: logFile, patch, bundle, untracked, stashes, egress: audit },
      tail: log.tail(),
      problems,
    },
  };
}

async function runCommand(
  deps: RunDeps,
  running: RunningAgent,
  { run, spawned: { agent, task }, log }: OneRequest & { readonly log: AgentLog },
): Promise<EndedCommand> {
  const tell = createTell(run, agent.name);
  const own = { DEVKIT_RUN: run.id, ...(task === undefined ? {} : { DEVKIT_TASK: task.id }) };
  return runCommandIn(deps, running, {
    argv: run.argv,
    env: { ...(await deps.passedEnv(running)), ...own },
    timeoutMs: run.timeoutMs,
    signal: run.spawn.signal,
    async onLine(stream, text) {
      tell({ event: "line", stream, text });
      await log.write(text);
    },
  });
}

type Told<E = RunEvent> = E extends RunEvent ? Omit<E, "at" | "run" | "agent"> : never;

function createTell({ onEvent, id }: RunRequest, agent: string): (event: Told) => void {
  return (event) => {
    onEvent({ ...event, at: new Date().toISOString(), run: id, agent } as RunEvent);
  };
}
