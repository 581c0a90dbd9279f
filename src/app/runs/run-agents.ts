import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { RunEvent } from "../../domain/runs/run-event.js";
import type { AgentResult, RunResult } from "../../domain/runs/run-result.js";
import { finishAgents } from "../agents/finish-agents.js";
import type { SpawnRequest } from "../agents/spawn.js";
import type { Proof } from "../ports-runs.js";
import { requireTask } from "../tasks/require-task.js";
import { reapCommand } from "./reap-left.js";
import type { RunDeps } from "./run-deps.js";
import { runInTurn } from "./run-in-turn.js";
import { createTakeAway } from "./take-away.js";

export interface RunRequest {
  /** What the names of its agents have of it. */
  readonly id: string;
  readonly argv: readonly string[];
  /** How many alike; of those with tasks there is one for each. */
  readonly count: number;
  /** Ids of the tasks, one for each agent. */
  readonly tasks: readonly string[] | undefined;
  readonly timeoutMs: number;
  /** How many there may be at once; undefined: as many as there is room for. */
  readonly jobs: number | undefined;
  /** Where the proof goes; undefined: there is none, and commits are in the trash afterwards. */
  readonly out: string | undefined;
  readonly spawn: Omit<
    SpawnRequest,
    "name" | "names" | "count" | "assigns" | "tasks" | "onReserve" | "hasSession" | "runtime"
  >;
  readonly onEvent: (event: RunEvent) => void;
  /** What the proof has besides what is gathered of each agent: text by name. */
  readonly describe: (result: RunResult) => ReadonlyMap<string, string>;
}

/** How long after its time devkit itself may still be at work on a run that nobody is known to own. */
const MAKING_MS = 3_600_000;

/**
 * Makes agents for one command each, as many at once as there is room for, lets them run it, gathers what they did, and takes
 * them away, whatever happens.
 * `calm`: the same as `deps`, for what an interrupt must not keep from being done.
 * @throws DevkitError where none could be made for the same reason; then nothing of them is left
 */
export async function runAgents(deps: RunDeps, calm: RunDeps, request: RunRequest): Promise<RunResult> {
  const { spawn, tasks, id, out } = request;
  const startedAt = new Date();
  await finishAgents(deps, spawn.now);
  for (const task of tasks ?? []) requireTask(deps.pool, task);
  const base = await deps.history.requireCommit(spawn.settings.project.base);
  const proof = out === undefined ? undefined : await deps.runHost.beginProof(out, await agentPlaces(deps));
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.event !== "line") events.push(event);
    request.onEvent(event);
  };
  const keeper = deps.runHost.keep(reapCommand(spawn.program), deps.project.root);
  const away = createTakeAway(calm, { id, base, keepsTrash: proof !== undefined, onEvent });
  try {
    const run = { ...request, onEvent };
    const onReserve = createReserve(deps, { run, proof, base, reserved: away.reserved });
    const turn = { run, base, proof, onReserve, takeAway: away.take };
    const ran = await runInTurn(deps, calm, turn).catch(async (error: unknown) => {
      await away.takeRest([]);
      throw error;
    });
    await away.takeRest(ran);
    const agents = away.complete(ran);
    const durationMs = Date.now() - startedAt.getTime();
    const { jobs } = request;
    const result: RunResult = {
      ...{ id, base, argv: request.argv, startedAt: startedAt.toISOString(), durationMs, agents, out, jobs },
    };
    await publish(proof, events, request.describe(result));
    await away.discard();
    return result;
  } catch (error) {
    // Whatever is in it by now is of agents that are in the trash, or still there for the next command.
    await proof?.abandon();
    throw error;
  } finally {
    keeper.release();
  }
}

/** Where agents write, those of now and those to come. */
async function agentPlaces({ project, worktrees }: RunDeps): Promise<string[]> {
  const others = (await worktrees.list()).map((record) => record.path).filter((at) => at !== project.root);
  return [project.devkitDir, project.stateDir, ...others];
}

/** Ended, and not told yet what is in the trash of it. */
export type RanAgent = Omit<AgentResult, "trash">;

interface Reserving {
  readonly run: RunRequest;
  readonly base: string;
  readonly proof: Proof | undefined;
  /** Gets the agents there may be something of. */
  readonly reserved: Map<string, AgentRef>;
}

/** Notes of agents, before anything of them is made, who takes them away. */
function createReserve(
  deps: RunDeps,
  { run, base, proof, reserved }: Reserving,
): (agents: readonly AgentRef[]) => Promise<void> {
  return async (agents) => {
    const expiresAt = new Date(Date.now() + run.timeoutMs + MAKING_MS).toISOString();
    for (const agent of agents) {
      reserved.set(agent.name, agent);
      const note = { agent, run: run.id, base, expiresAt, staging: proof?.staging };
      await deps.ephemeral.note(note, { owned: true });
    }
  };
}

async function publish(
  proof: Proof | undefined,
  events: readonly RunEvent[],
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  if (proof === undefined) return;
  try {
    await proof.write("events.ndjson", events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    for (const [file, text] of texts) await proof.write(file, text);
    await proof.publish();
  } catch (error) {
    const { code, message, details } = toDevkitError(error);
    throw new DevkitError(code, message, {
      hint: "the agents are in the trash with their work: devkit agent restore",
      details,
      cause: error,
    });
  }
}
