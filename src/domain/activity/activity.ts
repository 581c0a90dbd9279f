import { isLive, type ObservedContainer } from "../agents/observed.js";
import type { AgentEvent } from "./agent-event.js";

/** What an agent is at, as JSON has it. */
export const ACTIVITY_STATES = [
  "working",
  "waiting",
  "idle",
  "exited",
  "out-of-memory",
  "stopped",
  "unknown",
] as const;

export type ActivityState = (typeof ACTIVITY_STATES)[number];

export interface Activity {
  readonly state: ActivityState;
  /** RFC 3339; undefined when nobody knows. */
  readonly since: string | undefined;
  /** Safe for a terminal; of an agent that runs, its own text. */
  readonly detail: string | undefined;
  /** How its command, or its container, ended. */
  readonly exitCode: number | undefined;
}

/** The terminal that the agent's command runs in. */
export interface ObservedPane {
  /** How the command ended; undefined while it runs. */
  readonly dead: PaneEnd | undefined;
}

export interface PaneEnd {
  /** 128 + n for a signal; undefined when nobody knows. */
  readonly exitCode: number | undefined;
  /** RFC 3339; undefined when nobody knows. */
  readonly at: string | undefined;
}

/** What is known of an agent. */
export interface Seen {
  readonly container: Pick<ObservedContainer, "state" | "statusText"> | undefined;
  /** When the container was started last. */
  readonly startedAt: string | undefined;
  /** What the kernel ended in it for want of memory. */
  readonly outOfMemory: { readonly last: string | undefined } | undefined;
  readonly pane: ObservedPane | undefined;
  readonly event: AgentEvent | undefined;
  /** Commands that devkit runs in it; undefined when nobody has asked. */
  readonly execs: number | undefined;
  readonly now: Date;
}

/** The host wrote the event down with the same clock: what is later than this after now was never told. */
const SKEW_MS = 60_000;
/** An event this young is a sign of life, whatever else is seen. */
export const FRESH_MS = 60_000;
/** 128 + SIGKILL, which is how the kernel ends what is over the limit. */
const KILLED = 137;
/** How a container ends that is stopped: nothing, INT, KILL, TERM. */
const STOPPED: readonly (number | undefined)[] = [undefined, 130, KILLED, 143];

const is = (state: ActivityState, more: Partial<Omit<Activity, "state">> = {}): Activity => ({
  ...{ state, since: undefined, detail: undefined, exitCode: undefined },
  ...more,
});

/** What an agent is at: by its processes, and by what its program said last. Never by what is on its screen. */
export function judgeActivity(seen: Seen): Activity {
  const { container, pane, outOfMemory } = seen;
  // An agent on the host itself has a terminal only.
  if (container === undefined && pane === undefined) return is("stopped");
  if (container !== undefined && !isLive(container)) return judgeEnd(container, seen);
  if (container?.state === "paused") return is("stopped", { detail: "paused" });
  if (container?.state === "restarting") return is("unknown", { detail: "restarting" });
  const event = validEvent(seen);
  // What was said after the command of the terminal had ended, another one said.
  const end = pane?.dead;
  if (end !== undefined && (event === undefined || !isAfter(event.at, end.at))) {
    const since = end.at ?? outOfMemory?.last;
    const wasKilled = end.exitCode === KILLED && outOfMemory !== undefined;
    return is(wasKilled ? "out-of-memory" : "exited", { since, exitCode: end.exitCode });
  }
  // Whoever runs on, or says something later, has lived through it: the kernel ended something else in the agent.
  const killedAt = pane === undefined ? outOfMemory?.last : undefined;
  if (killedAt !== undefined && !isAfter(event?.at, killedAt))
    return is("out-of-memory", { since: killedAt });
  return event === undefined ? judgeSilence(pane) : judgeEvent(event, seen);
}

function judgeEvent(event: AgentEvent, { pane, execs, now }: Seen): Activity {
  const { state, at: since, detail } = event;
  const isOld = now.getTime() - Date.parse(since) > FRESH_MS;
  // A program that was killed has no last word.
  const isGone = state !== "idle" && pane === undefined && execs === 0 && isOld;
  return isGone
    ? is("unknown", { since, detail: `was ${state}, and no command runs in it any more` })
    : is(state, { since, detail });
}

function judgeSilence(pane: ObservedPane | undefined): Activity {
  return pane === undefined
    ? is("idle")
    : is("unknown", { detail: "its command does not say what it is at (docs/activity.md)" });
}

function judgeEnd(
  { state, statusText }: Pick<ObservedContainer, "state" | "statusText">,
  { outOfMemory }: Seen,
): Activity {
  const code = /^(?:Exited|Dead) \((\d{1,3})\)/.exec(statusText)?.[1];
  const exitCode = code === undefined ? undefined : Number(code);
  if (outOfMemory !== undefined) return is("out-of-memory", { since: outOfMemory.last, exitCode });
  if (state === "dead" || state === "removing") return is("unknown", { detail: state, exitCode });
  return is(STOPPED.includes(exitCode) ? "stopped" : "exited", { exitCode });
}

/** What was said by this run of the container, and before now. */
function validEvent({ event, startedAt, now }: Seen): AgentEvent | undefined {
  if (event === undefined || Date.parse(event.at) > now.getTime() + SKEW_MS) return undefined;
  return isAfter(startedAt, event.at) ? undefined : event;
}

/** Whether one time is known to be after another. */
function isAfter(one: string | undefined, other: string | undefined): boolean {
  return Date.parse(one ?? "") > Date.parse(other ?? "");
}
