import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox } from "../sandbox.js";
import { openField, type Field } from "./field.js";
import { judgeRace, type Verdict } from "./judge.js";
import { kill, type Kill } from "./kill.js";
import { watchPool } from "./watch-pool.js";

export interface RaceOptions {
  readonly agents: number;
  /** In this order, spread over the race. */
  readonly kills: readonly Kill[];
  /** One client of so many is killed, within so long. */
  readonly rough: number;
  readonly killMs: number;
  /** The longest that an agent works on a task. */
  readonly workMs: number;
  /** The longest that what is down stays down. */
  readonly downMs: number;
}

export interface RaceResult extends Verdict {
  readonly raced: number;
  readonly done: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Commands of the host that failed, which the dying can make them. */
  readonly failed: readonly string[];
}

/**
 * Agents in containers race for all tasks of the pool that are open while they, what runs in them and the broker are killed.
 * Meanwhile somebody sits at the host: what is dead is brought up again sooner or later, and agents are looked at.
 */
export async function race(box: Sandbox, options: RaceOptions): Promise<RaceResult> {
  const field = await openField(box, options.agents);
  const pool = watchPool(box.repo);
  const open = [...(await pool.look())].filter(([, { status }]) => status !== "done").map(([id]) => id);
  const failed: string[] = [];
  const kills: Record<string, number> = {};
  let done = 0;
  const countDone = async () => {
    const now = await pool.look();
    return open.filter((id) => now.get(id)?.status === "done").length;
  };
  const beganMs = performance.now();
  const killOne = async (kind: Kill) => {
    if (!field.isOver && (await kill(field, kind))) kills[kind] = (kills[kind] ?? 0) + 1;
  };
  const killing = (async () => {
    const freezing: Promise<void>[] = [];
    for (const [position, kind] of options.kills.entries()) {
      const from = ((position + 0.5) / (options.kills.length + 1)) * open.length;
      while (done < from && !field.isOver) await pause(20 + Math.random() * 50);
      const killed = killOne(kind);
      // While one of few stands still, the others are needed.
      if (kind === "freeze" && options.agents > 3) freezing.push(killed);
      else await killed;
    }
    await Promise.all(freezing);
  })();
  const going = [
    killing,
    bringBack(field, options, failed),
    lookAround(field, failed),
    ...Array.from({ length: options.agents }, (_, position) => keepWorking(field, position + 1, options)),
  ];
  while (done < open.length) {
    await pause(100);
    done = await countDone();
  }
  await writeFile(path.join(field.place, "over"), "");
  field.isOver = true;
  await Promise.all(going);
  const seconds = (performance.now() - beganMs) / 1000;
  const tasks = new Map([...(await pool.look())].filter(([id]) => open.includes(id)));
  const verdict = judgeRace(await field.log(), tasks);
  const violations = [...verdict.violations, ...pool.violations];
  return { ...verdict, violations, raced: open.length, done: await countDone(), kills, seconds, failed };
}

/** An agent's program, begun again whenever it was killed. */
async function keepWorking(
  field: Field,
  index: number,
  { rough, killMs, workMs }: RaceOptions,
): Promise<void> {
  const env = [`ROUGH=${String(rough)}`, `KILL_MS=${String(killMs)}`, `WORK_MS=${String(workMs)}`];
  while (!field.isOver) {
    while (field.down.has(index)) await pause(20);
    await field.box.devkit("exec", String(index), "--", "env", ...env, "bash", "/race/worker");
  }
}

/** Brings up what is down: at once, or when others have what it had. */
async function bringBack(field: Field, { downMs }: RaceOptions, failed: string[]): Promise<void> {
  while (!field.isOver || field.down.size > 0) {
    await pause(50);
    const isServed = await field.docker("exec", await field.findBroker(), "true");
    if (field.down.size === 0 && isServed) continue;
    await pause(Math.random() * downMs);
    const dead = [...field.down];
    const { exitCode, stderr } = await field.box.devkit("agent", "up", String(field.agents));
    if (exitCode === 0) for (const index of dead) field.down.delete(index);
    else failed.push(`agent up: ${stderr}`);
  }
}

/** Claims of agents that do not run are freed by whoever looks. */
async function lookAround(field: Field, failed: string[]): Promise<void> {
  while (!field.isOver) {
    const { exitCode, stderr } = await field.box.devkit("agent", "list");
    if (exitCode !== 0) failed.push(`agent list: ${stderr}`);
    await pause(300);
  }
}
