import { readFile, rm, writeFile } from "node:fs/promises";
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

/** The task that an agent has by the last line of its own. */
function held(log: string, index: number): string | undefined {
  const own = new RegExp(`^(?!freeze|frozen)\\S+ agent-${String(index)} .*`, "gm");
  const [kind, , id] = log.match(own)?.at(-1)?.split(" ") ?? [];
  return kind === "hold" ? id : undefined;
}

/** Has one go on working on whatever it has next until it stands still, and waits until that is another one's. */
async function freeze(field: Field): Promise<boolean> {
  const victim = await chooseVictim(field);
  if (victim === undefined) return false;
  const linger = path.join(field.place, `linger/agent-${String(victim)}`);
  const container = field.containerOf(victim);
  const find = async <T>(probe: (log: string) => T | undefined): Promise<T | undefined> => {
    const untilMs = performance.now() + 60_000;
    for (;;) {
      const found = probe(await field.log());
      if (found !== undefined || field.isOver || performance.now() > untilMs) return found;
      await pause(50);
    }
  };
  field.frozen.add(victim);
  await writeFile(linger, "");
  let id: string | undefined;
  let before = 0;
  while (id === undefined && !field.isOver) {
    await find((log) => held(log, victim));
    before = (await field.log()).length;
    await field.say("freeze", victim);
    await field.docker("pause", container);
    await field.say("frozen", victim);
    id = held(await field.log(), victim);
    // It was on its way already.
    if (id === undefined) await field.docker("unpause", container);
  }
  await rm(linger);
  const others = `^hold (?!agent-${String(victim)} ).* ${id ?? ""} `;
  const taken = await find((log) => new RegExp(others, "m").exec(log.slice(before))?.[0]);
  await field.docker("unpause", container);
  field.frozen.delete(victim);
  return taken !== undefined;
}
