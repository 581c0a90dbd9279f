import { mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { bundleProgram, startProgram, type Child } from "../../support/child.js";
import { createPool } from "../../support/pool.js";

const ROUNDS = Number(process.env["DEVKIT_RACE_ROUNDS"] ?? 1);
const WORKERS = 32;
const TASKS = 200;
const KILLS = 24;

interface Worker {
  readonly name: string;
  readonly child: Child;
}

test(
  "32 processes race for 200 tasks and are killed at random: each is one agent's at a time, none is lost, none done twice",
  { timeout: 120_000 * ROUNDS },
  async () => {
    const program = await bundleProgram(path.join(import.meta.dirname, "race-program.ts"));
    for (let round = 0; round < ROUNDS; round += 1) await race(program);
  },
);

async function race(program: string): Promise<void> {
  const pool = await createPool();
  const place = path.join(pool.root, "place");
  for (const name of ["agents", "held", "done", "claims"])
    await mkdir(path.join(place, name), { recursive: true });
  for (let number = 0; number < TASKS; number += 1)
    await addTask(pool.deps, { title: `work ${String(number)}` });
  let names = 0;
  const start = (name = `agent-${String((names += 1))}`): Worker => {
    return { name, child: startProgram(program, pool.root, place, name) };
  };
  const workers = Array.from({ length: WORKERS }, () => start());
  const done = () => readdir(path.join(place, "done"));
  let kills = 0;
  while ((await done()).length < TASKS - WORKERS && kills < KILLS) {
    await pause(Math.random() * 120);
    const position = await chooseVictim(place, workers);
    const victim = workers[position];
    if (victim === undefined) continue;
    victim.child.process.kill("SIGKILL");
    kills += 1;
    await victim.child.ended;
    // An agent that comes back goes on with what it had; what one leaves that does not is for the others.
    workers[position] = kills % 2 === 0 ? start(victim.name) : start();
  }
  const ends = await Promise.all(workers.map(({ child }) => child.ended));
  const said = workers.flatMap(({ child }) => child.lines);
  expect({ said, ends }).toEqual({ said: [], ends: workers.map(() => 0) });
  const { tasks, broken } = pool.deps.store.load();
  expect([tasks.size, broken]).toEqual([TASKS, []]);
  expect([...tasks.values()].filter(({ status, claim }) => status !== "done" || claim !== undefined)).toEqual(
    [],
  );
  const claims = await Promise.all([...tasks.keys()].map((id) => claimsOf(place, id)));
  // Numbers only grow, and a number is one agent's.
  for (const numbers of claims) {
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
  const taken = claims.filter((numbers) => new Set(numbers).size > 1).length;
  if (ROUNDS > 1)
    console.log(
      `${String(kills)} killed, ${String(taken)} tasks taken over, ${String((await done()).length)} done`,
    );
}

/** Now anybody, now somebody who is at work. */
async function chooseVictim(place: string, workers: readonly Worker[]): Promise<number> {
  const held = await readdir(path.join(place, "held"));
  const pids = await Promise.all(held.map((id) => readFile(path.join(place, "held", id), "utf8")));
  const busy = workers.flatMap(({ child }, position) =>
    pids.includes(String(child.process.pid)) ? [position] : [],
  );
  const from = Math.random() < 0.3 ? [] : busy;
  return from[Math.floor(Math.random() * from.length)] ?? Math.floor(Math.random() * workers.length);
}

async function claimsOf(place: string, id: string): Promise<number[]> {
  const text = await readFile(path.join(place, "claims", id), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ")[0]));
}
