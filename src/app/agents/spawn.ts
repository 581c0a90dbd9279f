import { DevkitError, isDevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import type { AskedAgents } from "../../domain/agents/choose-agents.js";
import { idleBranch, taskBranch } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Task } from "../../domain/tasks/task.js";
import { requireTrust } from "../hooks/host-hooks.js";
import { foreseeOnHost, makeOnHost } from "../host-runtime/make-on-host.js";
import type { SpawnWork } from "../ports-spawn.js";
import { writeHead } from "../tasks/follow-head.js";
import { nextTask } from "../tasks/next-task.js";
import { releaseClaims } from "../tasks/release-claims.js";
import { takeTask } from "../tasks/take-task.js";
import { endSession } from "./end-session.js";
import type { AgentOutcome } from "./execute.js";
import { SILENT_PROGRESS } from "./silent-progress.js";
import type { SpawnDeps } from "./spawn-deps.js";
import { foreseeAgents, reserveAgents } from "./spawn-reserve.js";
import { startSession, type OwnProgram } from "./spawn-session.js";
import { undoSpawn } from "./spawn-undo.js";
import { bringUp, type UpRequest, type UpResult } from "./up.js";

export interface SpawnRequest
  extends AskedAgents, Omit<UpRequest, "count" | "only" | "branchOf" | "onBegin" | "dryRun"> {
  /** Whether the agents get a task each, as long as there are some. */
  readonly assigns: boolean;
  /** The task that each of them gets, in their order, in the place of what is next; who cannot have it is not made. */
  readonly tasks?: readonly string[] | undefined;
  /** Called with their names once these are kept, and before anything is made. */
  readonly onReserve?: ((agents: readonly AgentRef[]) => Promise<void>) | undefined;
  /** Whether their program is started, in a session each. */
  readonly hasSession: boolean;
  readonly runtime: AgentRuntime;
  readonly program: OwnProgram;
}

export interface SpawnedAgent {
  readonly agent: AgentRef;
  readonly worktree: string;
  readonly branch: string;
  readonly task: Task | undefined;
  /** The name of its session. */
  readonly session: string | undefined;
}

export interface SpawnResult {
  readonly spawned: readonly SpawnedAgent[];
  readonly outcomes: readonly AgentOutcome[];
}

/** What is made of one agent. */
interface Planned {
  readonly work: SpawnWork;
  readonly branch: string;
  readonly task: Task | undefined;
}

/**
 * Makes new agents, each with the next task, on a branch for it, and with its program in a session. An agent that cannot be made whole
 * is not made at all; the others stay.
 */
export async function spawnAgents(deps: SpawnDeps, request: SpawnRequest): Promise<SpawnResult> {
  await requireTrust(request.hostHooks);
  await foreseeSpawn(deps, request);
  await deps.state.prepare(deps.project);
  const works = await reserveAgents(deps, request, request.now);
  let planned: readonly Planned[];
  let made: readonly AgentOutcome[];
  const outcomes: AgentOutcome[] = [];
  try {
    await request.onReserve?.(works.map(({ agent }) => agent));
    const taken = await takeTasks(deps, works, request);
    planned = taken.planned;
    outcomes.push(...taken.without);
    made = planned.length === 0 ? [] : await makeAgents(deps, planned, request);
  } catch (error) {
    await undoAll(deps, works, request);
    throw error;
  }
  const spawned: SpawnedAgent[] = [];
  for (const one of planned) {
    const { agent } = one.work;
    const outcome = made.find((other) => other.agent.name === agent.name);
    try {
      if (outcome?.error !== undefined) throw outcome.error;
      spawned.push(await complete(deps, one, request));
      outcomes.push({ agent, done: outcome?.done ?? [], error: undefined });
    } catch (error) {
      await undoAll(deps, [one.work], request);
      outcomes.push({ agent, done: [], error: toDevkitError(error) });
    }
  }
  return { spawned, outcomes };
}

/** What would be made, and the causes of what all agents share. */
export type Foreseen = Pick<UpResult, "plan"> &
  Partial<Pick<UpResult, "imageCause" | "egressCause" | "hostHooks">>;

/**
 * What spawning would do, and everything that keeps it from succeeding and can be known before anything is made.
 * @throws DevkitError also of `agent up`
 */
export async function foreseeSpawn(deps: SpawnDeps, request: SpawnRequest): Promise<Foreseen> {
  if (request.hasSession) await requireSessions(deps, request);
  const agents = await foreseeAgents(deps, request);
  if (request.runtime === "host") return { plan: await foreseeOnHost(deps, agents, request) };
  const only = agents.map(({ index }) => index);
  const named = agents.map(({ name, index }) => [name, index] as const);
  const project = { ...deps.project, roster: new Map([...deps.project.roster, ...named]) };
  return bringUp({ ...deps, project, progress: SILENT_PROGRESS }, { ...request, only, dryRun: true });
}

async function requireSessions({ sessions }: SpawnDeps, { runtime }: SpawnRequest): Promise<void> {
  try {
    await sessions.require();
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_TOOL_MISSING") throw error;
    throw new DevkitError(error.code, error.message, {
      hint: `install it; or start agents without a session: devkit agent spawn ${runtime === "host" ? "--runtime host " : ""}--no-tmux`,
      cause: error,
    });
  }
}

interface Taken {
  readonly planned: readonly Planned[];
  /** Those that cannot have the task meant for them; they are taken back. */
  readonly without: readonly AgentOutcome[];
}

/** One after the other: each gets what is next once those before it have theirs. */
async function takeTasks(
  deps: SpawnDeps,
  works: readonly SpawnWork[],
  request: SpawnRequest,
): Promise<Taken> {
  const planned: Planned[] = [];
  const without: AgentOutcome[] = [];
  for (const [position, work] of works.entries()) {
    const { agent } = work;
    // An agent of that name that is gone can have left something.
    await releaseClaims(deps.pool, agent.name);
    await endSession(deps, agent);
    await deps.notices.withdraw(agent);
    try {
      const taken = await takeOne(deps, agent, request.tasks?.[position], request);
      const branch = taken === undefined ? idleBranch(agent) : taskBranch(agent, taken.id);
      const task = taken && (await deps.pool.store.update(taken.id, (one) => ({ ...one, branch })));
      planned.push({ work, branch, task });
    } catch (error) {
      if (request.tasks === undefined || !isDevkitError(error)) throw error;
      await undoAll(deps, [work], request);
      without.push({ agent, done: [], error });
    }
  }
  return { planned, without };
}

async function takeOne(
  { pool }: SpawnDeps,
  { name: agent }: AgentRef,
  id: string | undefined,
  { assigns }: SpawnRequest,
): Promise<Task | undefined> {
  if (id !== undefined) return takeTask(pool, { actor: { agent }, id, start: true });
  return assigns ? nextTask(pool, { agent }, { start: true }) : undefined;
}

async function makeAgents(
  deps: SpawnDeps,
  planned: readonly Planned[],
  request: SpawnRequest,
): Promise<readonly AgentOutcome[]> {
  const onBegin = async (wanted: readonly ObservedAgent[]) => {
    refuseMade(wanted);
    for (const { work } of planned) await deps.journal.update({ ...work, isBegun: true });
  };
  if (request.runtime === "host") {
    const agents = planned.map(({ work: { agent }, branch }) => ({ agent, branch }));
    return makeOnHost(deps, agents, { ...request, onBegin });
  }
  const branches = new Map(planned.map(({ work, branch }) => [work.agent.name, branch]));
  const only = planned.map(({ work }) => work.agent.index);
  const branchOf = (agent: AgentRef) => branches.get(agent.name) ?? idleBranch(agent);
  return (await bringUp(deps, { ...request, dryRun: false, only, branchOf, onBegin })).outcomes;
}

/** Somebody who brings agents up by number was faster. */
function refuseMade(wanted: readonly ObservedAgent[]): void {
  const made = wanted.filter(isPresent).map(({ agent }) => agent.name);
  const [first] = made;
  if (first === undefined) return;
  throw new DevkitError("E_AGENT_EXISTS", `${made.join(", ")} came up meanwhile`, {
    hint: "try again: the next ones get other names",
    details: { agent: first, id: null },
  });
}

async function complete(
  deps: SpawnDeps,
  { work, branch, task }: Planned,
  { hasSession, settingsOf, runtime, program, signal }: SpawnRequest,
): Promise<SpawnedAgent> {
  const { agent } = work;
  signal.throwIfAborted();
  if (task !== undefined) writeHead(deps.pool, agent.name, task.id);
  const session = hasSession
    ? await startSession(deps, { agent, branch, task, settingsOf, runtime, program })
    : undefined;
  await deps.journal.end(agent);
  return { agent, worktree: agentPaths(deps.project, agent).worktree, branch, task, session };
}

/** What cannot be taken back now is left to the next command, which finds the note. */
async function undoAll(
  deps: SpawnDeps,
  works: readonly SpawnWork[],
  { now }: Pick<SpawnRequest, "now">,
): Promise<void> {
  const needs: SpawnDeps = { ...deps, ...deps.uninterrupted };
  const begun = new Map((await deps.journal.list()).map((work) => [work.agent.name, work]));
  for (const { agent } of works) {
    const work = begun.get(agent.name);
    if (work?.kind !== "spawn") continue;
    try {
      await needs.locks.hold("agents", () => undoSpawn(needs, work, now));
    } catch (error) {
      const { message } = toDevkitError(error);
      deps.progress.warn(
        `${agent.name} could not be taken back, which the next devkit agent list does: ${message}`,
      );
    }
  }
}
