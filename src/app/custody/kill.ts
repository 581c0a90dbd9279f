import { toDevkitError } from "../../base/errors.js";
import { byIndex, type AgentRef } from "../../domain/agents/agent.js";
import { isLive, isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import type { TrashEntry } from "../../domain/custody/trash.js";
import { NO_WORK, type UnsavedWork } from "../../domain/custody/unsaved-work.js";
import type { SpecOf } from "../agents/list.js";
import { observe } from "../agents/observe.js";
import type { AgentOutcome } from "../agents/execute.js";
import { selectAgents } from "../agents/select.js";
import type { ProjectDeps } from "../ports.js";
import { expireTrash } from "./expire-trash.js";
import { removeCaches } from "../caches/remove-caches.js";
import { finishRemoval, finishTrash } from "./finish-trash.js";
import { refuseAtRisk, type AtRisk } from "./refuse-work.js";
import { describeEntry } from "./trash-entry.js";
import { inspectWork } from "./unsaved-work.js";

export interface KillRequest {
  readonly selectors: readonly string[];
  readonly force: boolean;
  /** What agents start from; commits it has are not lost. */
  readonly base: string;
  readonly spec: SpecOf;
  readonly now: Date;
  /** They were there for a while only. */
  readonly forAWhile?: boolean;
  /** What agents have besides; undefined where they have nothing. */
  readonly care?: KillCare | undefined;
}

/** What an agent has that is neither work nor a file: its session, and its claims of tasks. */
export interface KillCare {
  /** Before anything is done to it: whoever finds this cut off knows what to end. @throws DevkitError */
  begin(agent: AgentRef): Promise<void>;
  /** Once nothing is left to do, or nothing was done that has to be ended. */
  end(agent: AgentRef): Promise<void>;
  /** How many of the commands that run in it are its session's, and end with that. */
  ownCommands(observed: ObservedAgent): Promise<number>;
  /** Ends what its session runs while it has no container to be stopped, unless that is this process; answers whether it did. */
  endProgram(agent: AgentRef): Promise<boolean>;
  /** Once all else is done: the command that does this can run in that session, and ends with it. */
  endSession(agent: AgentRef): Promise<void>;
  /** Once its container is stopped. */
  releaseClaims(agent: AgentRef): Promise<void>;
}

export interface KillResult {
  readonly removed: readonly TrashEntry[];
  /** By name: what those that this call has removed had that was nowhere else. */
  readonly work: ReadonlyMap<string, UnsavedWork>;
  readonly outcomes: readonly AgentOutcome[];
}

const FORCED = "move it to the trash, where agent restore finds it for 30 days: add --force";

/** Removes agents into the trash, none of them when one has work that is nowhere else; `force` takes that along. */
export async function killAgents(deps: ProjectDeps, request: KillRequest): Promise<KillResult> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", () => killHolding(deps, request));
}

/** The same for a caller that holds the agents' lock. */
export async function killHolding(deps: ProjectDeps, request: KillRequest): Promise<KillResult> {
  const finished = (await finishTrash(deps)).filter(({ stage }) => stage === "removing");
  await expireTrash(deps, request.now);
  const removed = finished.map(({ entry }) => entry);
  const there = (await observe(deps)).filter((one) => isPresent(one) || hasTrace(one));
  const gone = removed.filter(({ agent }) => !there.some((one) => one.agent.name === agent.name));
  const chosen = selectAgents(request.selectors, [...there, ...gone].sort(byAgent));
  const wanted = there.filter((one) => chosen.some(({ agent }) => agent.name === one.agent.name));
  const kept = await deps.history.requireCommit(request.base).then(
    (commit) => [commit],
    () => [],
  );
  const inspect = async (observed: ObservedAgent): Promise<AtRisk> => {
    const { work } = await inspectWork(deps, observed, { spec: request.spec, keptCommits: kept });
    const commands = await othersOf(request, observed, work.commands);
    return { agent: observed.agent, work: { ...work, commands } };
  };
  const inspected = await Promise.all(wanted.map(inspect));
  if (!request.force) refuseAtRisk(inspected, () => true, FORCED);
  const results = await Promise.all(
    wanted.map((observed) => removeOne(deps, observed, { ...request, inspect })),
  );
  const mine = removed.filter((entry) => chosen.some(({ agent }) => agent.name === entry.agent.name));
  const outcomes = results.map(({ outcome }) => outcome);
  const done = [...mine, ...results.flatMap(({ entry }) => entry ?? [])].sort(byAgent);
  await endSessions(request, done, outcomes);
  const work = results.flatMap(({ entry, work: had }) =>
    entry === undefined || had === undefined ? [] : [[entry.agent.name, had] as const],
  );
  return { removed: done, work: new Map(work), outcomes };
}

/** Those of agents that are gone now, also when another command had begun to remove them. */
async function endSessions(
  { care }: KillRequest,
  removed: readonly TrashEntry[],
  outcomes: readonly AgentOutcome[],
): Promise<void> {
  const stays = new Set(outcomes.flatMap(({ agent, error }) => (error === undefined ? [] : [agent.name])));
  const gone = removed.filter(({ agent }) => !stays.has(agent.name));
  const endOne = async ({ agent }: TrashEntry) => {
    await care?.endSession(agent);
    await care?.end(agent);
  };
  await Promise.all(gone.map(endOne));
}

type RemoveRequest = KillRequest & { readonly inspect: (observed: ObservedAgent) => Promise<AtRisk> };

async function removeOne(
  deps: ProjectDeps,
  observed: ObservedAgent,
  request: RemoveRequest,
): Promise<{ outcome: AgentOutcome; entry?: TrashEntry; work?: UnsavedWork }> {
  const { agent } = observed;
  const step = deps.progress.step(agent, "removing");
  let isBegun = false;
  try {
    await request.care?.begin(agent);
    const work = await quiesce(deps, observed, request);
    const described = await describeEntry(deps, agent, work, request.now);
    const entry = request.forAWhile === true ? { ...described, forAWhile: true } : described;
    await removeCaches(deps, agent, request.spec);
    await request.care?.releaseClaims(agent);
    isBegun = true;
    await deps.trash.begin(entry);
    await finishRemoval(deps, { entry, stage: "removing", inTrash: false });
    step.done("removed");
    return { outcome: { agent, done: [], error: undefined }, entry, work };
  } catch (error) {
    const known = toDevkitError(error);
    step.fail(known.message);
    if (!isBegun) await request.care?.end(agent);
    return { outcome: { agent, done: [], error: known } };
  }
}

/** Looks again once nothing can write any more: what began after the first look must not be lost, nor taken unasked. */
async function quiesce(
  deps: ProjectDeps,
  observed: ObservedAgent,
  request: RemoveRequest,
): Promise<UnsavedWork> {
  const { agent, container, state } = observed;
  const hadProgram = state.runtime === "host" && (await request.care?.endProgram(agent)) === true;
  const live = container !== undefined && isLive(container) ? container.id : undefined;
  if (live !== undefined) {
    if (!request.force) await refuseBusy(deps, observed, live, request);
    await deps.engine.stopContainer(live);
  }
  const [stopped = observed] = (await observe(deps)).filter((one) => one.agent.name === agent.name);
  const { work } = await request.inspect(stopped);
  if (request.force) return work;
  try {
    refuseAtRisk([{ agent, work }], () => true, FORCED);
  } catch (error) {
    // Only agent up starts it: the filter of its network went with the stop.
    if (live !== undefined) {
      const start = upCommand([agent]);
      deps.progress.warn(`${agent.name} was stopped for this and stays so; to start it: ${start}`);
    }
    if (hadProgram) {
      const where = `devkit agent status ${String(agent.index)}`;
      deps.progress.warn(
        `the session of ${agent.name} was ended for this; where to start its program: ${where}`,
      );
    }
    throw error;
  }
  return work;
}

/** What could not be written before it begins is not written by it: only commands have to be looked at again. */
async function refuseBusy(
  deps: ProjectDeps,
  observed: ObservedAgent,
  id: string,
  request: KillRequest,
): Promise<void> {
  const commands = await othersOf(request, observed, await deps.engine.countExecs(id));
  refuseAtRisk([{ agent: observed.agent, work: { ...NO_WORK, commands } }], () => true, FORCED);
}

async function othersOf({ care }: KillRequest, observed: ObservedAgent, commands: number): Promise<number> {
  return commands === 0 ? 0 : Math.max(0, commands - ((await care?.ownCommands(observed)) ?? 0));
}

/** Of an agent that is not whole something can be left all the same. */
function hasTrace({ worktree, state }: ObservedAgent): boolean {
  return worktree.directory === "files" || state.home;
}

function byAgent(a: { readonly agent: AgentRef }, b: { readonly agent: AgentRef }): number {
  return byIndex(a.agent, b.agent);
}
