import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Field } from "./field.js";

/**
 * What is killed with -9: an agent's container; in one, the program that takes tasks; the broker's process, which the
 * engine starts again; the broker's container, which only devkit does. `freeze`: an agent stands still until another one
 * has its task, and then goes on as if nothing had happened.
 */
export const KILLS = ["freeze", "container", "broker", "worker", "endpoint"] as const;

export type Kill = (typeof KILLS)[number];

/** Answers whether there was anything to kill. */
export async function kill(field: Field, kind: Kill): Promise<boolean> {
  if (kind === "broker")
    return field.docker("exec", "-u", "0", await field.findBroker(), "sh", "-c", "kill -9 $(pidof node)");
  if (kind === "endpoint") return field.docker("kill", "-s", "KILL", await field.findBroker());
  if (kind === "freeze") return freeze(field);
  const victim = await chooseVictim(field);
  if (victim === undefined) return false;
  const container = field.containerOf(victim);
  if (kind === "worker") {
    const pid = await readFile(path.join(field.place, `pids/agent-${String(victim)}`), "utf8");
    return field.docker("exec", container, "kill", "-9", pid.trim());
  }
  field.down.add(victim);
  await field.say("kill", victim);
  const isKilled = await field.docker("kill", "-s", "KILL", container);
  await field.say("killed", victim);
  return isKilled;
}

/** Now any agent, now one that is at work. */
async function chooseVictim(field: Field): Promise<number | undefined> {
  const indexes = Array.from({ length: field.agents }, (_, position) => position + 1);
  const up = indexes.filter((index) => !field.down.has(index) && !field.frozen.has(index));
  const log = await field.log();
  const busy = up.filter((index) => held(log, index) !== undefined);
  const from = busy.length === 0 || Math.random() < 0.3 ? up : busy;
  return from[Math.floor(Math.random() * from.length)];
}

/** The task that an agent has by its last line. */
function held(log: string, index: number): string | undefined {
  const lines = log.split("\n").filter((line) => line.split(" ")[1] === `agent-${String(index)}`);
  const [kind, , id] = lines.at(-1)?.split(" ") ?? [];
  return kind === "hold" ? id : undefined;
}

/** Tries until it has one that has a task; then waits until that is another one's. */
async function freeze(field: Field): Promise<boolean> {
  const deadlineMs = performance.now() + 20_000;
  while (performance.now() < deadlineMs && !field.isOver) {
    const victim = await chooseVictim(field);
    const container = victim === undefined ? "" : field.containerOf(victim);
    if (victim === undefined || held(await field.log(), victim) === undefined) {
      await pause(20);
      continue;
    }
    field.frozen.add(victim);
    await field.say("freeze", victim);
    // What it says until it stands still comes before.
    const isFrozen = await field.docker("pause", container);
    const log = await field.log();
    await field.say("frozen", victim);
    const id = held(log.replace(/^freeze .*\n/gm, ""), victim);
    const isTaken = async () => (await field.log()).slice(log.length).includes(` ${id ?? ""} `);
    while (id !== undefined && performance.now() < deadlineMs && !(await isTaken())) await pause(50);
    await field.docker("unpause", container);
    field.frozen.delete(victim);
    if (isFrozen && id !== undefined) return true;
  }
  return false;
}
