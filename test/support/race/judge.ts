/** A line of the log that all agents of a race, and who kills them, append to: its order is the order of what happened. */
interface RaceEvent {
  /**
   * `hold`, `finish` (lets go, and asks for done), `done`, `lost`; `client`: one was killed. Of an agent that stops where
   * it is: `kill` and `freeze` before, `killed` and `frozen` after.
   */
  readonly kind: string;
  readonly agent: string;
  readonly id: string;
  readonly number: number;
}

/** A task's file. */
export interface RacedTask {
  readonly status: string;
  readonly claim?: unknown;
  readonly notes: readonly { readonly by: string; readonly text: string }[];
}

/** How a race went. */
export interface Verdict {
  /** In words; none is as it should be. */
  readonly violations: readonly string[];
  /** Claims that were refused because they were lost. */
  readonly fenced: number;
  /** Tasks that more than one agent had, one after the other. */
  readonly takenOver: number;
  /** Clients that were killed. */
  readonly clients: number;
}

interface Hold {
  readonly agent: string;
  readonly number: number;
}

interface Seen {
  readonly say: (what: string) => void;
  readonly pool: ReadonlyMap<string, RacedTask>;
  /** Who works on what. */
  readonly working: Map<string, Hold>;
  /** The latest that had a task. */
  readonly latest: Map<string, Hold>;
  readonly done: Map<string, Hold>;
  /** Claims, `agent id number`, that were held; true: its agent was killed or frozen since, and may lose it. */
  readonly claims: Map<string, boolean>;
  /** Agents that say what they had before they were stopped; true: only with their next line. */
  readonly stale: Map<string, boolean>;
}

const STOPS = ["kill", "killed", "freeze", "frozen"];
const KINDS = ["hold", "finish", "done", "lost", "client", ...STOPS];

/** Whether each task was one live agent's at a time, and done once, by the log and by what the pool says at the end. */
export function judgeRace(log: string, pool: ReadonlyMap<string, RacedTask>): Verdict {
  const violations: string[] = [];
  const seen: Seen = {
    ...{ pool, working: new Map(), latest: new Map(), done: new Map(), claims: new Map(), stale: new Map() },
    say: (what) => violations.push(what),
  };
  const events = parse(log);
  const holders = new Map<string, Set<string>>();
  for (const event of events) {
    judgeEvent(event, seen);
    if (event.kind === "hold") holders.set(event.id, (holders.get(event.id) ?? new Set()).add(event.agent));
  }
  for (const [id, task] of pool) judgeTask(id, task, seen);
  const lost = events.filter(({ kind }) => kind === "lost");
  return {
    violations,
    fenced: lost.filter((one) => !isOwnDone(one, pool.get(one.id))).length,
    takenOver: [...holders.values()].filter(({ size }) => size > 1).length,
    clients: events.filter(({ kind }) => kind === "client").length,
  };
}

function parse(log: string): RaceEvent[] {
  const lines = log.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [kind = "", agent = "", id = "", number = ""] = line.split(" ");
    return { kind, agent, id, number: Number(number) };
  });
}

function judgeEvent(event: RaceEvent, seen: Seen): void {
  const { kind, agent, id, number } = event;
  const key = `${agent} ${id} ${String(number)}`;
  if (STOPS.includes(kind)) stop(event, seen);
  else if (kind === "hold") judgeHold(event, key, seen);
  else if (kind === "finish" && isSame(seen.working.get(id), event)) seen.working.delete(id);
  else if (kind === "done") judgeDone(event, seen);
  // One whose answer was lost is told so when it asks again.
  else if (kind === "lost" && seen.claims.get(key) === false && !isOwnDone(event, seen.pool.get(id)))
    seen.say(`${key}: taken from an agent that lives`);
  if (!KINDS.includes(kind)) seen.say(`${key}: ${kind}`);
  if (!STOPS.includes(kind) && seen.stale.get(agent) === true) seen.stale.delete(agent);
}

/** An agent that does not run may lose what it has. One that goes on later does not know of it before it asks. */
function stop({ kind, agent }: RaceEvent, { claims, working, stale }: Seen): void {
  for (const claim of claims.keys()) if (claim.startsWith(`${agent} `)) claims.set(claim, true);
  for (const [id, hold] of working) if (hold.agent === agent) working.delete(id);
  if (kind === "killed") stale.delete(agent);
  else stale.set(agent, kind === "frozen");
}

function judgeHold({ agent, id, number }: RaceEvent, key: string, seen: Seen): void {
  const { say, working, latest, done, claims } = seen;
  const before = latest.get(id);
  claims.set(key, seen.stale.has(agent));
  if (seen.stale.has(agent)) {
    if (before === undefined || number > before.number) latest.set(id, { agent, number });
    return;
  }
  const now = `${agent} has ${id} (${String(number)})`;
  const other = working.get(id);
  if (other !== undefined && other.agent !== agent) say(`${now} while ${other.agent} works on it`);
  const isOlder =
    before !== undefined && (agent === before.agent ? number < before.number : number <= before.number);
  if (isOlder) say(`${now} after ${before.agent} (${String(before.number)})`);
  if (done.has(id)) say(`${now} after it was done`);
  working.set(id, { agent, number });
  latest.set(id, { agent, number });
}

function judgeDone(event: RaceEvent, { say, latest, done }: Seen): void {
  const { agent, id, number } = event;
  const now = `${agent} has done ${id} (${String(number)})`;
  const before = done.get(id);
  if (before !== undefined) say(`${now} after ${before.agent}`);
  if (!isSame(latest.get(id), event)) say(`${now}, which it had lost`);
  done.set(id, { agent, number });
}

/** Each `done` leaves a note in the task, with the claim it was said under. */
function judgeTask(id: string, { status, claim, notes }: RacedTask, { say, latest, done }: Seen): void {
  if (status !== "done") say(`${id} is ${status} at the end`);
  if (claim !== undefined) say(`${id} is claimed at the end`);
  if (notes.length !== 1) say(`${id} was done ${String(notes.length)} times`);
  const holder = latest.get(id);
  const isLatest = holder !== undefined && notes.some((note) => isBy(note, holder));
  if (!isLatest) say(`${id} was not done by the one who had it last`);
  const told = done.get(id);
  if (told !== undefined && !notes.some((note) => isBy(note, told)))
    say(`${id}: what ${told.agent} has done is gone`);
}

function isOwnDone(hold: Hold, task: RacedTask | undefined): boolean {
  return task?.notes.some((note) => isBy(note, hold)) ?? false;
}

function isBy({ by, text }: RacedTask["notes"][number], { agent, number }: Hold): boolean {
  return by === agent && text === `claim ${String(number)}`;
}

function isSame(hold: Hold | undefined, { agent, number }: Hold): boolean {
  return hold?.agent === agent && hold.number === number;
}
