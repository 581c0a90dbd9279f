import { setTimeout as sleep } from "node:timers/promises";
import { isDevkitError, toDevkitError, type DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Lack } from "../../domain/limits/admission.js";
import { runNames } from "../../domain/runs/ephemeral.js";
import { NO_FILES } from "../../domain/runs/run-result.js";
import { finishAgents } from "../agents/finish-agents.js";
import { spawnAgents } from "../agents/spawn.js";
import { noRoomError, ROOM_MS } from "../limits/find-room.js";
import type { Proof } from "../ports-runs.js";
import type { Progress } from "../ports.js";
import { findAdmission } from "./find-admission.js";
import type { RanAgent, RunRequest } from "./run-agents.js";
import type { RunDeps } from "./run-deps.js";
import { runOne } from "./run-one.js";
import { settleTask } from "./settle-task.js";

export interface TurnRequest {
  readonly run: RunRequest;
  readonly base: string;
  readonly proof: Proof | undefined;
  /** Called before anything of these agents is made. */
  readonly onReserve: (agents: readonly AgentRef[]) => Promise<void>;
  /** Takes agents away that have ended, while others wait. */
  readonly takeAway: (ended: readonly RanAgent[]) => Promise<void>;
}

/** How often is looked whether there is room that nobody of this run has made. */
const LOOK_MS = 1000;
/** How long it takes an agent to take what its start takes. */
const SETTLE_MS = 10_000;

interface Waiting {
  readonly name: string;
  readonly task: string | undefined;
}

interface Turn {
  readonly deps: RunDeps;
  readonly calm: RunDeps;
  readonly request: TurnRequest;
  readonly names: readonly string[];
  readonly beganMs: number;
  readonly waiting: Waiting[];
  /** When each came up, and its end. */
  readonly active: Map<string, { readonly sinceMs: number; readonly end: Promise<void> }>;
  /** Not yet taken away. */
  readonly ended: RanAgent[];
  readonly gone: RanAgent[];
  /** Names of those that are noted before it is known which index they will have. */
  readonly noted: Set<string>;
  /** That it has begun. */
  isTold: boolean;
  /** Some of it have been started. */
  isBegun: boolean;
  /** What was told last of those that wait; undefined: nobody had to. */
  told: string | undefined;
  /** Since when nothing of this run could make room. */
  aloneSinceMs: number | undefined;
  /** What no agent of a run may do: end otherwise than told. */
  failure: DevkitError | undefined;
}

/**
 * Runs all agents of a run, as many at once as there is room for: the others wait, visibly, with nothing made of them, and start
 * when one has ended and is taken away. Agents that were given up are among those answered.
 * @throws DevkitError when none could be started
 */
export async function runInTurn(deps: RunDeps, calm: RunDeps, request: TurnRequest): Promise<RanAgent[]> {
  const { id, tasks, count } = request.run;
  const names = runNames(id, tasks?.length ?? count);
  const turn: Turn = {
    ...{ deps: { ...deps, progress: sayingOnce(deps.progress) }, calm, request },
    ...{ names, beganMs: Date.now() },
    waiting: names.map((name, position) => ({ name, task: tasks?.[position] })),
    ...{ active: new Map(), ended: [], gone: [], noted: new Set() },
    ...{ isTold: false, isBegun: false, told: undefined, aloneSinceMs: undefined, failure: undefined },
  };
  for (;;) {
    while (turn.waiting.length > 0 && (await startSome(turn)));
    if (turn.waiting.length + turn.active.size === 0) break;
    await nextChange(turn);
    if (turn.failure !== undefined) throw turn.failure;
    if (turn.waiting.length > 0) await putAway(turn);
  }
  const placeOf = ({ agent }: RanAgent) => names.indexOf(agent.name);
  return [...turn.gone, ...turn.ended].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Whether some could be started, so that it is worth while to ask again. */
async function startSome(turn: Turn): Promise<boolean> {
  const { deps, waiting, active, request } = turn;
  const { signal } = request.run.spawn;
  if (signal.aborted) return giveUp(turn, toDevkitError(signal.reason));
  const fresh = [...active.values()].filter(({ sinceMs }) => Date.now() - sinceMs < SETTLE_MS).length;
  const names = waiting.map(({ name }) => name);
  const { count, lack, isHopeless } = await findAdmission(deps, request.run, {
    ...{ waiting: names, own: active.size, fresh },
  });
  if (count > 0) return start(turn, count);
  if (lack === undefined) return false;
  turn.aloneSinceMs = active.size > 0 ? undefined : (turn.aloneSinceMs ?? Date.now());
  if (active.size === 0 && isHopeless) return giveUp(turn, noRoomError(lack));
  const aloneMs = Date.now() - (turn.aloneSinceMs ?? Date.now());
  const isLate = aloneMs >= (request.run.spawn.roomMs ?? ROOM_MS);
  if (isLate && (lack.of === "free_memory" || lack.of === "free_disk"))
    return giveUp(turn, noRoomError(lack));
  await noteNext(turn);
  tell(turn, lack);
  return false;
}

/** While nothing of the run is there, the note of the next one says where its proof is gathered. */
async function noteNext({ waiting, noted, request }: Turn): Promise<void> {
  const [next] = waiting;
  if (next === undefined || noted.has(next.name)) return;
  noted.add(next.name);
  await request.onReserve([{ index: 0, name: next.name }]);
}

async function start(turn: Turn, count: number): Promise<boolean> {
  const { deps, calm, request, waiting, active, ended } = turn;
  const { run, base, proof } = request;
  const batch = waiting.slice(0, count);
  const waitedMs = turn.told === undefined ? 0 : Date.now() - turn.beganMs;
  try {
    const { spawned, outcomes } = await spawnAgents(deps, {
      ...run.spawn,
      ...{ name: undefined, names: batch.map(({ name }) => name), count, assigns: false },
      tasks: run.tasks === undefined ? undefined : batch.map(({ task }) => task ?? ""),
      async onReserve(agents) {
        await request.onReserve(agents);
        begin(turn);
      },
      ...{ hasSession: false, runtime: "container" },
      // What runs on this machine first does so once.
      hostHooks: turn.isBegun ? undefined : run.spawn.hostHooks,
    });
    turn.isBegun = true;
    waiting.splice(0, count);
    calm.project.roster = calm.loadRoster();
    for (const one of spawned) {
      const ending = runOne(deps, calm, { run, spawned: one, base, proof })
        .then(async (ran) => ended.push(await settleTask(calm, { ...ran, waitedMs }, run.id)))
        .catch((error: unknown) => {
          turn.failure ??= toDevkitError(error);
        });
      const end = ending.then(() => void active.delete(one.agent.name));
      active.set(one.agent.name, { sinceMs: Date.now(), end });
    }
    for (const { agent, error } of outcomes)
      if (error !== undefined) ended.push({ ...toUnmade(agent, error), waitedMs });
    return true;
  } catch (error) {
    // Another run has taken the room that there was; ours or theirs will give some back.
    if (isDevkitError(error) && error.code === "E_BUDGET" && (await isWorthWaiting(turn))) return false;
    return giveUp(turn, toDevkitError(error));
  }
}

async function isWorthWaiting({ deps, active, request }: Turn): Promise<boolean> {
  if (active.size > 0) return true;
  const notes = await deps.ephemeral.list();
  return notes.some(({ note }) => note.run !== undefined && note.run !== request.run.id);
}

/** Those that wait are not started any more. @throws DevkitError the reason, where no other was */
function giveUp(turn: Turn, error: DevkitError): false {
  const { waiting, active, ended, gone } = turn;
  if (active.size + ended.length + gone.length === 0) throw error;
  const waitedMs = Date.now() - turn.beganMs;
  for (const { name } of waiting.splice(0)) ended.push({ ...toUnmade({ index: 0, name }, error), waitedMs });
  return false;
}

/** Told once it is known that there is something to wait for. */
function begin(turn: Turn): void {
  if (turn.isTold) return;
  turn.isTold = true;
  const { id, onEvent } = turn.request.run;
  onEvent({ event: "run_started", at: new Date().toISOString(), run: id, agents: turn.names });
}

function tell(turn: Turn, { of, needed, available }: Lack): void {
  const { id, onEvent } = turn.request.run;
  const [waiting, running] = [turn.waiting.length, turn.active.size];
  const key = `${of} ${String(waiting)} ${String(running)}`;
  if (turn.told === key) return;
  turn.told = key;
  begin(turn);
  onEvent({
    ...{ event: "waiting", at: new Date().toISOString(), run: id },
    ...{ waiting, running, agents: turn.names.length, for: of, needed, available },
  });
}

/** Until one ends, is interrupted, or it is time to look at the machine and at other runs again. */
async function nextChange({ calm, active, waiting, ended, request }: Turn): Promise<void> {
  // Their room is to be had as soon as they are taken away.
  if (waiting.length > 0 && ended.length > 0) return;
  const ends = [...active.values()].map(({ end }) => end);
  if (waiting.length === 0) {
    await Promise.race(ends);
    return;
  }
  const { signal } = request.run.spawn;
  const look = new AbortController();
  const pause = sleep(LOOK_MS, undefined, { signal: AbortSignal.any([signal, look.signal]) });
  await Promise.race([...ends, pause.catch(() => undefined)]);
  look.abort();
  // A run that was killed gives nothing back by itself.
  if (!signal.aborted) await finishAgents(calm, new Date());
}

async function putAway({ request, ended, gone }: Turn): Promise<void> {
  const all = ended.splice(0);
  const made = all.filter(({ branch }) => branch !== undefined);
  if (made.length > 0) await request.takeAway(made);
  gone.push(...all);
}

/** What holds for all agents is a warning for each that is started, and needs to be said once. */
function sayingOnce(progress: Progress): Progress {
  const said = new Set<string>();
  return {
    step: (agent, text) => progress.step(agent, text),
    warn(text) {
      if (!said.has(text)) progress.warn(text);
      said.add(text);
    },
  };
}

function toUnmade(agent: AgentRef, error: DevkitError): Omit<RanAgent, "waitedMs"> {
  const isInterrupted = error.code === "E_INTERRUPTED" || error.code === "E_TERMINATED";
  return {
    ...{ agent, task: undefined, branch: undefined, exitCode: undefined, startedAt: undefined },
    ...{ reason: isInterrupted ? "interrupted" : "not_started", durationMs: 0, commits: [], changedFiles: 0 },
    ...{ egress: { allowed: 0, denied: 0, failed: 0 }, peakMemory: undefined, diskBytes: undefined },
    ...{ files: NO_FILES, tail: "", problems: [error.message] },
  };
}
