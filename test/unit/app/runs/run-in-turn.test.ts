import { writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DevkitError } from "../../../../src/base/errors.js";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";
import { reapLeft } from "../../../../src/app/runs/reap-left.js";
import type { RunRequest } from "../../../../src/app/runs/run-agents.js";
import type { RunDeps } from "../../../../src/app/runs/run-deps.js";
import { locksDir } from "../../../../src/domain/identity/project.js";
import type { RunEvent } from "../../../../src/domain/runs/run-event.js";
import { recordedLimits } from "../../../../src/domain/limits/recorded-limits.js";
import { agentContainers } from "../../support/containers.js";
import { createRunStand, type RunStand } from "../../support/run-stand.js";
import { errorOf } from "../../support/temp.js";

let box: RunStand;

beforeEach(async () => {
  box = await createRunStand();
});

const GIB = 1024 ** 3;
const spawnWith = (change: Partial<RunRequest["spawn"]> = {}, memory?: number): RunRequest["spawn"] => {
  const { settings, settingsOf: _settingsOf, now: _now, ...rest } = box.stand.request;
  const own = { ...settings, budget: { memory, cpus: undefined, pids: undefined } };
  return { ...rest, settings: own, settingsOf: () => own, now: new Date(), ...change };
};
const traces = () => box.stand.traces();
const notes = async () => (await box.deps.ephemeral.list()).map(({ note }) => note.agent.name);
const waits = () =>
  box.events.flatMap((one) =>
    one.event === "waiting" ? [`${one.for} ${String(one.waiting)} wait, ${String(one.running)} run`] : [],
  );

/** The most agents that ran at once, as their containers were made and removed. */
function countingDeps(): { deps: RunDeps; most: () => number } {
  const { engine } = box.deps;
  let most = 0;
  const startContainer = async (id: string) => {
    await engine.startContainer(id);
    const running = agentContainers(box.stand.agents.engine).filter(({ state }) => state === "running");
    most = Math.max(most, running.length);
  };
  return { deps: { ...box.deps, engine: { ...engine, startContainer } }, most: () => most };
}

describe("agents for which there is no room", () => {
  test("wait until one has ended, visibly, and are run then", async () => {
    const { deps, most } = countingDeps();
    const go = path.join(path.dirname(box.out), "go");
    const onEvent = (event: RunEvent) => {
      box.events.push(event);
      if (event.event === "waiting") writeFileSync(go, "");
    };
    const asked = { count: 3, spawn: spawnWith({}, 9 * GIB), onEvent };
    const result = await box.run(`until [ -e '${go}' ]; do sleep 0.02; done`, asked, deps, deps);
    expect(result.agents.map(({ agent, reason }) => `${agent.name} ${reason}`)).toEqual(
      [1, 2, 3].map((number) => `run-aa11-${String(number)} passed`),
    );
    expect(most()).toBe(2);
    expect(result.agents.map(({ waitedMs }) => waitedMs > 0)).toEqual([false, false, true]);
    expect(waits()[0]).toBe("memory 1 wait, 2 run");
    expect(box.events.filter(({ event }) => event === "run_started")).toEqual([
      expect.objectContaining({ agents: [1, 2, 3].map((number) => `run-aa11-${String(number)}`) }),
    ]);
    expect(box.events.filter(({ event }) => event === "removed")).toHaveLength(3);
    expect([await traces(), await notes()]).toEqual([[], []]);
  });

  test("are as many at once as was asked for, however many there are, with one proof of all", async () => {
    const { deps, most } = countingDeps();
    const asked = { count: 4, jobs: 2, out: box.out, spawn: spawnWith() };
    const result = await box.run("echo x >>README.md; false", asked, deps, deps);
    expect([most(), result.agents.length, result.jobs]).toEqual([2, 4, 2]);
    expect(result.agents.map(({ reason, trash, problems }) => [reason, trash, problems])).toEqual(
      Array.from({ length: 4 }, () => ["failed", undefined, []]),
    );
    expect(result.agents.every(({ files }) => files.patch !== undefined)).toBe(true);
    expect([await traces(), await notes()]).toEqual([[], []]);
  });

  test("claim their tasks when they start, and the others are anybody's until then", async () => {
    await box.stand.add("one", "two");
    const seen: string[][] = [];
    const result = await box.run("true", {
      ...{ tasks: ["TSK-1", "TSK-2"], jobs: 1, spawn: spawnWith() },
      onEvent: ({ event }) => event === "started" && seen.push(box.stand.claims()),
    });
    expect(result.agents.map(({ task, reason }) => `${task?.id ?? ""} ${reason}`)).toEqual([
      ...["TSK-1 passed", "TSK-2 passed"],
    ]);
    expect(seen).toEqual([["TSK-1 run-aa11-1"], ["TSK-2 run-aa11-2"]]);
  });

  test("of which one alone is more than the budget are refused at once", async () => {
    const error = await errorOf(box.run("true", { count: 2, out: box.out, spawn: spawnWith({}, 3 * GIB) }));
    expect(error).toMatchObject({
      ...{ code: "E_BUDGET", exitCode: 5 },
      message: "no agent can start without 4.0 GiB of memory; the budget has 3.0 GiB left",
    });
    expect([box.events, await traces(), await notes()]).toEqual([[], [], []]);
    expect((await box.run("true", { spawn: spawnWith({ force: true }, 3 * GIB) })).agents).toHaveLength(1);
  });

  test("are refused too while agents that stay have all of it", async () => {
    await box.stand.spawn({ assigns: false, hasSession: false });
    const limits = recordedLimits(
      agentContainers(box.stand.agents.engine)[0]?.spec.labels["dev.devkit.config"],
    );
    expect(limits?.memory).toBe(4 * GIB);
    expect(await errorOf(box.run("true", { spawn: spawnWith({}, 7 * GIB) }))).toMatchObject({
      code: "E_BUDGET",
    });
  });

  test("are told from those that were interrupted, of which nothing is made", async () => {
    const interrupt = new AbortController();
    const spawn = spawnWith({ signal: interrupt.signal }, 5 * GIB);
    const result = await box.run("echo ready; sleep 30", {
      ...{ count: 3, spawn },
      onEvent({ event }) {
        if (event === "waiting") interrupt.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
      },
    });
    expect(result.agents.map(({ reason, branch }) => [reason, branch === undefined])).toEqual([
      ...[
        ["interrupted", false],
        ["interrupted", true],
        ["interrupted", true],
      ],
    ]);
    expect([await traces(), await notes()]).toEqual([[], []]);
  });
});

test("two runs that share a budget both come to their end", async () => {
  // Those in memory take two at once in one process for a mistake.
  const { signal } = new AbortController();
  const locks = createFileLocks({
    directory: locksDir(box.deps.project),
    progress: box.deps.progress,
    signal,
  });
  const deps = { ...box.deps, locks, uninterrupted: { ...box.deps.uninterrupted, locks } };
  const ran = await Promise.all(
    ["aa11", "bb22"].map((id) =>
      box.run("true", { id, count: 2, spawn: spawnWith({}, 5 * GIB) }, deps, deps),
    ),
  );
  const all = ran.flatMap(({ agents }) => agents);
  expect(all.map(({ reason, problems }) => [reason, ...problems])).toEqual(all.map(() => ["passed"]));
  expect(all).toHaveLength(4);
  expect([await traces(), await notes()]).toEqual([[], []]);
}, 60_000);

test("a machine without room is waited for, and given up on after a while", async () => {
  let looks = 0;
  const { host } = box.stand.request;
  const full = { ...host, availableMemory: () => Promise.resolve(looks++ < 2 ? 1 : 64 * GIB) };
  const { agents } = await box.run("true", { spawn: spawnWith({ host: full }) });
  expect(agents).toMatchObject([{ reason: "passed" }]);
  expect(waits()).toEqual(["free_memory 1 wait, 0 run"]);
  const never = { ...host, freeBytes: () => Promise.resolve(1) };
  expect(await errorOf(box.run("true", { spawn: spawnWith({ host: never, roomMs: 0 }) }))).toMatchObject({
    ...{ code: "E_BUDGET", hint: "see what can go: devkit prune; or add --force" },
  });
  expect([await traces(), await notes()]).toEqual([[], []]);
});

test("a run that is killed while all of it waits leaves nothing of its proof", async () => {
  const { host } = box.stand.request;
  const full = { ...host, availableMemory: () => Promise.resolve(1) };
  const kill = new AbortController();
  // As dead as a process can be in this one: it never hears of anything again.
  const ephemeral = { ...box.deps.ephemeral, forget: () => Promise.resolve() };
  const runHost = {
    ...box.deps.runHost,
    async beginProof(...args: Parameters<RunDeps["runHost"]["beginProof"]>) {
      const proof = await box.deps.runHost.beginProof(...args);
      await proof.write("log.txt", "of one that has run");
      return { ...proof, abandon: () => Promise.resolve() };
    },
  };
  const deps = { ...box.deps, ephemeral, runHost };
  const asked = { out: box.out, spawn: spawnWith({ host: full, signal: kill.signal }) };
  const onEvent = () => {
    kill.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
  };
  await expect(box.run("true", { ...asked, onEvent }, deps, deps)).rejects.toThrow("interrupted");
  const parent = path.dirname(box.out);
  expect((await readdir(parent)).filter((name) => name.startsWith(".proof"))).toHaveLength(1);
  const dead = (await box.deps.ephemeral.list()).map((one) => ({ ...one, owner: "dead" as const }));
  await reapLeft(
    { ...box.deps, ephemeral: { ...box.deps.ephemeral, list: () => Promise.resolve(dead) } },
    new Date(),
    ["devkit"],
  );
  expect((await readdir(parent)).filter((name) => name.startsWith("."))).toEqual([]);
  expect([await traces(), await notes()]).toEqual([[], []]);
});
