import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { byIndex } from "../../domain/agents/agent.js";
import { askedName } from "../../domain/runs/ephemeral.js";
import type { RunEvent } from "../../domain/runs/run-event.js";
import { NO_FILES, type AgentResult, type RunResult } from "../../domain/runs/run-result.js";
import type { AgentOutcome } from "../agents/execute.js";
import { finishAgents } from "../agents/finish-agents.js";
import { spawnAgents, type SpawnRequest } from "../agents/spawn.js";
import type { Proof } from "../ports-runs.js";
import { finishTask } from "../tasks/finish-task.js";
import { requireTask } from "../tasks/require-task.js";
import type { RunDeps } from "./run-deps.js";
import { runOne } from "./run-one.js";
import {
  discardCollected,
  tearDown,
  type RemovedAgent,
  type TearDown,
  type TearDownRequest,
} from "./tear-down.js";

export interface RunRequest {
  /** What the names of its agents have of it. */
  readonly id: string;
  readonly argv: readonly string[];
  /** How many alike; of those with tasks there is one for each. */
  readonly count: number;
  /** Ids of the tasks, one for each agent. */
  readonly tasks: readonly string[] | undefined;
  readonly timeoutMs: number;
  /** Where the proof goes; undefined: there is none, and commits are in the trash afterwards. */
  readonly out: string | undefined;
  readonly spawn: Omit<
    SpawnRequest,
    "name" | "count" | "assigns" | "tasks" | "onReserve" | "hasSession" | "runtime"
  >;
  readonly onEvent: (event: RunEvent) => void;
  /** What the proof has besides what is gathered of each agent: text by name. */
  readonly describe: (result: RunResult) => ReadonlyMap<string, string>;
}

/** How long after its time devkit itself may still be at work on a run that nobody is known to own. */
const MAKING_MS = 3_600_000;

/**
 * Makes agents for one command each, lets them run it, gathers what they did, and takes them away, whatever happens.
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
  const reserved: AgentRef[] = [];
  const keeper = deps.runHost.keep([...spawn.program, "run", "--reap"], deps.project.root);
  const run = { ...request, onEvent };
  try {
    const made = await makeAndRun(deps, calm, { run, base, proof, reserved });
    const ran = await Promise.all(made.map((one) => settleTask(calm, one, id)));
    const torn = await takeAway(calm, ran, { reserved, base });
    const agents = withTearDown(ran, torn);
    for (const one of agents.filter(({ branch }) => branch !== undefined)) onEvent(removedEvent(id, one));
    const durationMs = Date.now() - startedAt.getTime();
    const result: RunResult = {
      ...{ id, base, argv: request.argv, startedAt: startedAt.toISOString(), durationMs, agents, out },
    };
    await publish(proof, events, request.describe(result));
    await discardCollected(calm, torn.removed);
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

/** Ended, and not yet taken away. */
export type RanAgent = Omit<AgentResult, "trash">;

interface Making {
  readonly run: RunRequest;
  readonly base: string;
  readonly proof: Proof | undefined;
  /** Gets the agents there may be something of. */
  readonly reserved: AgentRef[];
}

async function makeAndRun(deps: RunDeps, calm: RunDeps, making: Making): Promise<RanAgent[]> {
  const { run, base, proof, reserved } = making;
  const count = run.tasks?.length ?? run.count;
  const expiresAt = new Date(Date.now() + run.timeoutMs + MAKING_MS).toISOString();
  const onReserve = async (agents: readonly AgentRef[]) => {
    reserved.push(...agents);
    for (const agent of agents) {
      const note = { agent, run: run.id, base, expiresAt, staging: proof?.staging };
      await deps.ephemeral.note(note, { owned: true });
    }
    const names = agents.map(({ name }) => name);
    run.onEvent({ event: "run_started", at: now(), run: run.id, agents: names });
  };
  try {
    const { spawned, outcomes } = await spawnAgents(deps, {
      ...run.spawn,
      ...{ name: askedName(run.id, count), count, assigns: false, tasks: run.tasks, onReserve },
      ...{ hasSession: false, runtime: "container" },
    });
    calm.project.roster = calm.loadRoster();
    const ran = await Promise.all(spawned.map((one) => runOne(deps, calm, { ...making, spawned: one })));
    const unmade = outcomes.filter(({ error }) => error !== undefined).map(toUnmade);
    return [...ran, ...unmade].sort((a, b) => byIndex(a.agent, b.agent));
  } catch (error) {
    await takeAway(calm, [], { reserved, base });
    throw error;
  }
}

function toUnmade({ agent, error }: AgentOutcome): RanAgent {
  const isInterrupted = error?.code === "E_INTERRUPTED" || error?.code === "E_TERMINATED";
  return {
    ...{ agent, task: undefined, branch: undefined, exitCode: undefined, startedAt: undefined },
    ...{ reason: isInterrupted ? "interrupted" : "not_started", durationMs: 0, commits: [], changedFiles: 0 },
    ...{ egress: { allowed: 0, denied: 0, failed: 0 }, peakMemory: undefined, diskBytes: undefined },
    ...{ files: NO_FILES, tail: "", problems: error === undefined ? [] : [error.message] },
  };
}

/** Of one that passed the task is done; that of another is given back with the agent. */
async function settleTask({ pool }: RunDeps, ran: RanAgent, run: string): Promise<RanAgent> {
  const { agent, task, reason } = ran;
  if (task === undefined || reason !== "passed") return ran;
  const note = `done by ${agent.name} in run ${run}`;
  try {
    await finishTask(pool, { actor: { agent: agent.name }, id: task.id, note });
    return ran;
  } catch (error) {
    // Its program may have said so itself.
    if (pool.store.find(task.id)?.status === "done") return ran;
    const problem = `${task.id} is not done: ${toDevkitError(error).message}`;
    return { ...ran, problems: [...ran.problems, problem] };
  }
}

async function takeAway(
  calm: RunDeps,
  ran: readonly RanAgent[],
  { reserved, base }: Pick<Making, "reserved" | "base">,
): Promise<TearDown> {
  const filesOf = new Map(ran.map(({ agent, files }) => [agent.name, files]));
  const request: TearDownRequest = {
    ...{ agents: reserved, base, now: new Date() },
    collected({ name }) {
      const files = filesOf.get(name);
      return { bundle: files?.bundle !== undefined, patch: files?.patch !== undefined };
    },
  };
  try {
    return await calm.locks.hold("agents", () => tearDown(calm, request));
  } catch (error) {
    // What was gathered is no less true for it, and the notes tell the next command what to do.
    const { code, message } = toDevkitError(error);
    if (code === "E_BUG") throw error;
    calm.progress.warn(`the agents were not taken away, which the next devkit does: ${message}`);
    return { removed: [], problems: reserved.map((agent) => ({ agent, message })) };
  }
}

function withTearDown(ran: readonly RanAgent[], { removed, problems }: TearDown): AgentResult[] {
  return ran.map((one): AgentResult => {
    const is = ({ agent }: { readonly agent: AgentRef }) => agent.name === one.agent.name;
    const kept = removed.find(({ entry, uncollected }: RemovedAgent) => is(entry) && uncollected.length > 0);
    const trouble = problems.filter(is).map(({ message }) => `it is not taken away whole: ${message}`);
    return { ...one, problems: [...one.problems, ...trouble], trash: kept?.entry.id };
  });
}

function removedEvent(run: string, { agent, trash }: AgentResult): RunEvent {
  return { event: "removed", at: now(), run, agent: agent.name, trash: trash ?? null };
}

async function publish(
  proof: Proof | undefined,
  events: readonly RunEvent[],
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  if (proof === undefined) return;
  await proof.write("events.ndjson", events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  for (const [file, text] of texts) await proof.write(file, text);
  try {
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

function now(): string {
  return new Date().toISOString();
}
