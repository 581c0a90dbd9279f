import { isDevkitError, toDevkitError } from "../../base/errors.js";
import type { ActivityState } from "../../domain/activity/activity.js";
import type { Pool } from "../../domain/tasks/blocking.js";
import type { ChangeSource } from "../ports-activity.js";
import type { Progress } from "../ports.js";
import { createBell } from "./bell.js";
import { lookAtAgents, type LookDeps, type WatchedAgent } from "./look-at-agents.js";

/** Something about one agent that was not so before. */
export interface AgentChange {
  readonly at: Date;
  readonly name: string;
  /** Undefined: it is gone. */
  readonly now: WatchedAgent | undefined;
  /** Undefined: nobody has looked before, or it was not there. */
  readonly before: WatchedAgent | undefined;
  /** Whether this is the first look of all. */
  readonly first: boolean;
}

export interface WatchRequest {
  /** Called once for each look that shows something else than the one before, the first too. */
  readonly onChanges: (changes: readonly AgentChange[], all: readonly WatchedAgent[]) => void;
  readonly signal: AbortSignal;
  readonly pauses?: WatchPauses;
}

export interface WatchPauses {
  /** Between two looks, whatever happens. */
  readonly gapMs: number;
  /** After something has happened to a container: what follows from it is there then. */
  readonly settleMs: number;
  /** Between two looks when nothing happens: time alone changes things, too. */
  readonly sweepMs: number;
  /** After a look that failed. */
  readonly retryMs: number;
}

const PAUSES: WatchPauses = { gapMs: 300, settleMs: 1500, sweepMs: 30_000, retryMs: 2000 };

/**
 * Looks at all agents whenever something may have changed, until the signal. A look that fails is told once and tried
 * again; only a defect of ours ends it.
 */
export async function watchAgents(
  deps: LookDeps & { readonly progress: Pick<Progress, "warn"> },
  { onChanges, signal, pauses = PAUSES }: WatchRequest,
): Promise<void> {
  const sources = new Set<ChangeSource>(["pool"]);
  const bell = createBell();
  let seen: readonly WatchedAgent[] | undefined;
  let pool: Pool = { tasks: new Map(), broken: [] };
  let told: string | undefined;
  deps.activity.follow((source) => {
    // Most events say once more what is known.
    if (source === "events" && !saysMore(deps, seen ?? [])) return;
    sources.add(source);
    bell.ring();
  }, signal);
  while (!signal.aborted) {
    const causes = new Set(sources);
    sources.clear();
    let waitMs = causes.has("containers") ? pauses.settleMs : pauses.sweepMs;
    try {
      if (causes.has("pool")) pool = deps.tasks.store.load();
      const all = await lookAtAgents(deps, pool);
      const changes = changesBetween(seen, all, deps.activity.now());
      if (seen === undefined || changes.length > 0) onChanges(changes, all);
      seen = all;
      told = undefined;
    } catch (error) {
      if (!isDevkitError(error) || error.code === "E_BUG") throw error;
      const { message } = toDevkitError(error);
      if (message !== told)
        deps.progress.warn(`the agents cannot be looked at, which is tried again: ${message}`);
      told = message;
      sources.add("pool");
      waitMs = pauses.retryMs;
    }
    await bell.pause(pauses.gapMs, signal);
    await bell.wait(waitMs, signal);
  }
}

/** Whether one of the agents says something else of itself than when it was looked at. */
function saysMore({ activity: { events } }: LookDeps, seen: readonly WatchedAgent[]): boolean {
  return seen.some(({ agent, activity }) => {
    const event = events.find(agent.name);
    return event !== undefined && (event.state !== activity.state || event.detail !== activity.detail);
  });
}

function changesBetween(
  seen: readonly WatchedAgent[] | undefined,
  all: readonly WatchedAgent[],
  at: Date,
): AgentChange[] {
  const before = new Map(seen?.map((one) => [one.agent.name, one]));
  const first = seen === undefined;
  const changed = all
    .map((now) => ({ at, name: now.agent.name, now, before: before.get(now.agent.name), first }))
    .filter((one) => one.before === undefined || !isSame(one.now, one.before));
  const names = new Set(all.map(({ agent }) => agent.name));
  const gone = (seen ?? []).filter(({ agent }) => !names.has(agent.name));
  return [
    ...changed,
    ...gone.map((one) => ({ at, name: one.agent.name, now: undefined, before: one, first })),
  ];
}

/** Since when is not looked at: an agent that goes on says so again and again. */
function isSame(one: WatchedAgent, other: WatchedAgent): boolean {
  const keyOf = ({ container, activity, task }: WatchedAgent) =>
    JSON.stringify([container, activity.state, activity.detail, activity.exitCode, task?.id, task?.status]);
  return keyOf(one) === keyOf(other);
}

/** What an agent was at; undefined when it was not there. */
export function stateOf(one: WatchedAgent | undefined): ActivityState | undefined {
  return one?.activity.state;
}
