import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { bundleProgram, startProgram, type Child } from "../support/child.js";
import { addTask, createBrokerPlaces, runClient } from "../support/broker.js";

const ROUNDS = Number(process.env["DEVKIT_RACE_ROUNDS"] ?? 1);
const AGENTS = 16;
const TASKS = 200;
const KILLS = 6;

interface Claimed {
  readonly id: string;
  readonly claim: { readonly number: number };
}

/** What one client was told: the task, or why there is none. */
interface Answer {
  readonly exitCode: number | undefined;
  readonly task: (Claimed & { readonly status: string; readonly claimed_by: string | null }) | null;
}

test(
  "16 agents race for 200 tasks while the broker is killed at random: each task is one agent's at a time, and done once",
  { timeout: 120_000 * ROUNDS },
  async () => {
    const program = await bundleProgram(path.resolve(import.meta.dirname, "../../../src/broker/main.ts"), {
      packages: "bundle",
    });
    for (let round = 0; round < ROUNDS; round += 1) await race(program);
  },
);

async function race(program: string): Promise<void> {
  const agents = Array.from({ length: AGENTS }, (_, position) => `agent-${String(position + 1)}`);
  const { pool, base } = await createBrokerPlaces(agents);
  for (let number = 1; number <= TASKS; number += 1) await addTask(pool, `TSK-${String(number)}`);
  const held = new Map<string, string>();
  const done = new Map<string, string>();
  const start = (): Child => startProgram(program, pool, base);
  let broker = start();
  let kills = 0;
  const killing = (async () => {
    while (kills < KILLS && done.size < TASKS - AGENTS) {
      await pause(200 + Math.random() * 500);
      broker.process.kill("SIGKILL");
      await broker.ended;
      kills += 1;
      broker = start();
    }
  })();
  await Promise.all(
    agents.map((agent) => work(path.join(base, "sockets", agent, "sock"), { agent, held, done })),
  );
  await killing;
  broker.process.kill("SIGTERM");
  expect(await broker.ended).toBe(0);
  expect(done.size).toBe(TASKS);
  expect(kills).toBe(KILLS);
  const files = await readdir(path.join(pool, "refs/tasks"));
  expect(files).toHaveLength(TASKS);
  for (const file of files) {
    const task = JSON.parse(await readFile(path.join(pool, "refs/tasks", file), "utf8")) as Record<
      string,
      unknown
    >;
    expect([file, task["status"], task["claim"]]).toEqual([file, "done", undefined]);
  }
}

interface Field {
  readonly agent: string;
  /** Who works on what, and who did what. */
  readonly held: Map<string, string>;
  readonly done: Map<string, string>;
}

/** An agent that takes task after task; after an answer that was lost it looks what became of its question. */
async function work(socket: string, { agent, held, done }: Field): Promise<void> {
  let unreached = 0;
  const ask = async (...args: string[]): Promise<Answer> => {
    const { exitCode, stdout, stderr } = await runClient(socket, ["task", ...args, "--json"]);
    unreached = exitCode === 3 ? unreached + 1 : 0;
    expect(unreached).toBeLessThan(20);
    if (exitCode === 3 || exitCode === 1) return { exitCode, task: null };
    expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
    return { exitCode, task: (JSON.parse(stdout) as { data: Pick<Answer, "task"> }).data.task };
  };
  const sure = async (...args: string[]): Promise<Answer["task"]> => {
    for (;;) {
      const { exitCode, task } = await ask(...args);
      if (exitCode === 0) return task;
    }
  };
  for (;;) {
    const asked = await ask("next", "--start");
    const task = asked.exitCode === 0 ? asked.task : await sure("current");
    if (task === null) {
      if (done.size === TASKS) return;
      await pause(100);
      continue;
    }
    expect([agent, task.id, held.get(task.id), done.get(task.id)]).toEqual([
      agent,
      task.id,
      undefined,
      undefined,
    ]);
    held.set(task.id, agent);
    await pause(Math.random() * 30);
    for (;;) {
      const { exitCode } = await ask("done", task.id, "--claim", String(task.claim.number));
      if (exitCode === 0) break;
      const now = await sure("show", task.id);
      if (now?.status === "done") break;
      expect(now?.claimed_by).toBe(agent);
    }
    held.delete(task.id);
    done.set(task.id, agent);
  }
}
