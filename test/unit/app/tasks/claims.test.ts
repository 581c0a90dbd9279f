import { beforeEach, describe, expect, test } from "vitest";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { blockTask } from "../../../../src/app/tasks/block-task.js";
import { finishTask, noteOnTask, releaseTask } from "../../../../src/app/tasks/finish-task.js";
import { nextTask } from "../../../../src/app/tasks/next-task.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import { tendClaims } from "../../../../src/app/tasks/tend-claims.js";
import type { Actor } from "../../../../src/domain/tasks/claims.js";
import { createPool, LEASE_MS, type TestPool } from "../../support/pool.js";
import { createRandom } from "../../support/random.js";
import { errorOf } from "../../support/temp.js";

let pool: TestPool;

const one: Actor = { agent: "agent-1" };
const two: Actor = { agent: "agent-2" };
const main: Actor = { agent: "main" };
const start = (actor: Actor, id = "TSK-1") => takeTask(pool.deps, { actor, id, start: true });
const done = (actor: Actor) => finishTask(pool.deps, { actor, id: "TSK-1", note: undefined });
const doneWithCurrent = (actor: Actor) => finishTask(pool.deps, { actor, id: undefined, note: undefined });
const release = (actor: Actor, id = "TSK-1") => releaseTask(pool.deps, { actor, id });
const next = (actor: Actor) => nextTask(pool.deps, actor, { start: true });

beforeEach(async () => {
  pool = await createPool();
  await addTask(pool.deps, { title: "first" });
});

describe("a claim", () => {
  test("is one agent's: the others are told who has it", async () => {
    const task = await start(one);
    expect(task).toMatchObject({
      ...{ status: "in_progress", branch: "branch-of-agent-1", startedAt: "2026-01-01T00:00:00.000Z" },
      claim: { agent: "agent-1", number: 1, expiresAt: "2026-01-01T01:00:00.000Z", host: "here" },
    });
    for (const act of [start, done, release]) {
      const error = await errorOf(act(two));
      expect(error).toMatchObject({
        code: "E_CLAIMED",
        exitCode: 5,
        details: { claimed_by: "agent-1", claim: 1 },
      });
      expect(error.message).toContain("agent-2 has not claimed TSK-1: agent-1 has it (claim 1 until");
    }
    expect((await errorOf(done(main))).hint).toContain("--force");
    expect((await done({ ...main, force: true })).status).toBe("done");
  });

  test("is the same one, renewed, when the agent takes it again; a new one has the next number", async () => {
    await start(one);
    pool.now += 1000;
    expect(await start(one)).toMatchObject({ claim: { number: 1, expiresAt: "2026-01-01T01:00:01.000Z" } });
    expect(await release(one)).toMatchObject({
      status: "pending",
      claim: undefined,
      claims: 1,
      startedAt: undefined,
    });
    expect(await start(two)).toMatchObject({ claim: { number: 2 } });
  });

  test("that is over is free when its agent does not run, and the one who comes late is refused", async () => {
    await start(one);
    pool.now += LEASE_MS;
    expect(await next(two)).toMatchObject({ id: "TSK-1", claim: { agent: "agent-2", number: 2 } });
    for (const late of [one, { ...one, claim: 1 }]) {
      expect((await errorOf(done(late))).message).toContain("agent-2 has it (claim 2");
      expect((await errorOf(release(late))).code).toBe("E_CLAIMED");
      expect((await errorOf(start(late))).code).toBe("E_CLAIMED");
    }
    const note = noteOnTask(pool.deps, { actor: { ...one, claim: 1 }, id: "TSK-1", note: "x" });
    expect((await errorOf(note)).message).toContain("claim 1 of TSK-1 is lost: agent-2 has it");
    await done({ ...two, claim: 2 });
    expect((await errorOf(done({ ...one, claim: 1 }))).message).toContain("is lost: it is done already");
    expect((await errorOf(done(two))).code).toBe("E_TASK_STATE");
  });

  test("that is not over is never looked behind: no engine is asked", async () => {
    await start(one);
    pool.now += LEASE_MS - 1;
    expect(await next(two)).toBeUndefined();
    expect(pool.asked).toBe(0);
  });

  test("of an agent that runs is renewed instead of given away", async () => {
    await start(one);
    pool.now += 2 * LEASE_MS;
    pool.running = new Set(["agent-1"]);
    expect(await next(two)).toBeUndefined();
    expect(await pool.read("TSK-1")).toMatchObject({
      claim: { number: 1, expires_at: "2026-01-01T03:00:00.000Z" },
    });
    expect((await done({ ...one, claim: 1 })).status).toBe("done");
  });

  test("is not judged by who ran before the agent was started", async () => {
    await addTask(pool.deps, { title: "second" });
    await start(one, "TSK-1");
    pool.now += LEASE_MS;
    const { running } = pool.deps;
    // While it is asked about the first, an agent starts, claims the second, and its lease passes.
    const deps = {
      ...pool.deps,
      running: async () => {
        const seen = await running();
        if (pool.asked === 1) {
          await start(two, "TSK-2");
          pool.now += LEASE_MS;
          pool.running = new Set(["agent-1", "agent-2"]);
          return new Set(["agent-1"]);
        }
        return seen;
      },
    };
    expect(await nextTask(deps, { agent: "agent-3" }, { start: true })).toBeUndefined();
    expect(await pool.read("TSK-2")).toMatchObject({ claimed_by: "agent-2" });
  });

  test("is left where nobody can tell whether its agent runs, and the user is told", async () => {
    await start(one);
    pool.now += LEASE_MS;
    pool.running = undefined;
    expect((await errorOf(start(two))).code).toBe("E_CLAIMED");
    expect(pool.warnings).toEqual([
      "whether agent-1 still works on TSK-1 cannot be told: no engine answers; the user can free it: devkit task release TSK-1 --force",
    ]);
    expect((await start({ ...two, force: true })).claim?.number).toBe(2);
  });

  test("of another machine is over with its lease", async () => {
    await pool.deps.store.update("TSK-1", (task) => task);
    const away = { ...pool.deps, host: "away" };
    await takeTask(away, { actor: one, id: "TSK-1", start: true });
    pool.now += LEASE_MS;
    pool.running = undefined;
    expect((await start(two)).claim).toMatchObject({ agent: "agent-2", host: "here" });
  });

  test("of the user does not end by itself", async () => {
    await start(main);
    pool.now += 1000 * LEASE_MS;
    expect(await next(one)).toBeUndefined();
    expect((await pool.read("TSK-1"))["claim"]).toEqual({ agent: "main", number: 1 });
  });

  test("is renewed for agents that run once half of it is over, and by a note of its own agent", async () => {
    await start(one);
    pool.now += LEASE_MS / 2 - 1;
    pool.running = new Set(["agent-1", "agent-2"]);
    await tendClaims(pool.deps);
    expect(pool.asked).toBe(0);
    expect(await pool.read("TSK-1")).toMatchObject({ claim: { expires_at: "2026-01-01T01:00:00.000Z" } });
    pool.now += 2;
    pool.running = new Set(["agent-2"]);
    await tendClaims(pool.deps);
    expect(await pool.read("TSK-1")).toMatchObject({ claim: { expires_at: "2026-01-01T01:00:00.000Z" } });
    pool.running = new Set(["agent-1"]);
    await tendClaims(pool.deps);
    expect(await pool.read("TSK-1")).toMatchObject({ claim: { expires_at: "2026-01-01T01:30:00.001Z" } });
    pool.now += 1000;
    for (const actor of [one, two]) await noteOnTask(pool.deps, { actor, id: "TSK-1", note: "n" });
    expect(await pool.read("TSK-1")).toMatchObject({ claim: { expires_at: "2026-01-01T01:30:01.001Z" } });
  });

  test("that is over is given back when its agent does not run but others do, for those who cannot ask", async () => {
    for (const title of ["second", "third"]) await addTask(pool.deps, { title });
    await start(one, "TSK-1");
    await start(two, "TSK-2");
    await start(main, "TSK-3");
    const claimants = async () => {
      await tendClaims(pool.deps);
      const tasks = await Promise.all(["TSK-1", "TSK-2", "TSK-3"].map((id) => pool.read(id)));
      return tasks.map((task) => task["claimed_by"] ?? task["status"]);
    };
    pool.running = new Set(["agent-2"]);
    pool.now += LEASE_MS - 1;
    expect(await claimants()).toEqual(["agent-1", "agent-2", "main"]);
    pool.now += 1;
    for (const running of [undefined, new Set<string>()]) {
      pool.running = running;
      expect(await claimants()).toEqual(["agent-1", "agent-2", "main"]);
    }
    pool.running = new Set(["agent-2"]);
    expect(await claimants()).toEqual(["pending", "agent-2", "main"]);
    expect(pool.warnings).toEqual(["TSK-1 is free again: agent-1, which had it, does not run"]);
    expect((await errorOf(done({ ...one, claim: 1 }))).message).toContain("claim 1 of TSK-1 is lost: nobody");
    expect(await next(two)).toMatchObject({ id: "TSK-1", claim: { number: 2 } });
  });

  test("is not given back when its agent has come back to it since it was asked, whatever has passed", async () => {
    await start(one);
    pool.now += LEASE_MS;
    pool.running = new Set(["agent-2"]);
    const { store } = pool.deps;
    const slow: typeof store = {
      ...store,
      async update(id, change) {
        await start({ ...one, claim: 1 });
        pool.now += LEASE_MS;
        return store.update(id, change);
      },
    };
    await tendClaims({ ...pool.deps, store: slow });
    expect((await done({ ...one, claim: 1 })).status).toBe("done");
  });

  test("may not be taken of what waits or is done, unless forced", async () => {
    await addTask(pool.deps, { title: "second", blockedBy: ["TSK-1"] });
    const error = await errorOf(start(one, "TSK-2"));
    expect(error).toMatchObject({ code: "E_TASK_STATE", message: "TSK-2 waits for TSK-1" });
    await done(main);
    expect((await errorOf(start(one))).message).toBe("TSK-1 is done already");
    expect((await start({ ...main, force: true })).completedAt).toBeUndefined();
  });
});

test("whatever agents do in whatever order, a claim's number only grows and only its holder ends it", async () => {
  const random = createRandom(11);
  let before = { number: 0, agent: "" };
  for (let step = 0; step < 250; step += 1) {
    const actor: Actor = {
      agent: random.pick(["agent-1", "agent-2", "agent-3"]),
      ...(random.chance(0.3) ? { claim: 1 + random.int(before.number + 1) } : {}),
    };
    pool.now += random.int(LEASE_MS);
    pool.running = new Set(["agent-1", "agent-2", "agent-3"].filter(() => random.chance(0.4)));
    const seen = pool.deps.store.find("TSK-1");
    const act = random.pick([start, release, start, noteAs]);
    const task = await act(actor).catch(() => undefined);
    const now = pool.deps.store.find("TSK-1");
    expect(now?.claims).toBeGreaterThanOrEqual(before.number);
    if (task !== undefined && act === release) expect(seen?.claim?.agent).toBe(actor.agent);
    if (now?.claim !== undefined && now.claim.number === before.number)
      expect(now.claim.agent).toBe(before.agent);
    if (actor.claim !== undefined && task !== undefined)
      expect([seen?.claim?.agent, seen?.claim?.number]).toEqual([actor.agent, actor.claim]);
    before = { number: now?.claims ?? 0, agent: now?.claim?.agent ?? before.agent };
  }
  expect(before.number).toBeGreaterThan(10);
});

const noteAs = async (actor: Actor) => {
  const task = pool.deps.store.find("TSK-1");
  return (task?.notes.length ?? 0) < 100
    ? noteOnTask(pool.deps, { actor, id: "TSK-1", note: "n" })
    : start(actor);
};

describe("next", () => {
  test("is by priority, then by number; not what waits, is parked, done or another's", async () => {
    for (const [title, more] of [
      ["waits", { priority: "p0", blockedBy: ["TSK-1"] }],
      ["parked", { priority: "p0", status: "backlog" }],
      ["urgent", { priority: "p0" }],
    ] as const)
      await addTask(pool.deps, { title, ...more });
    const taken = [await next(one), await next(two), await next(one), await next(two)];
    expect(taken.map((task) => task?.id)).toEqual(["TSK-4", "TSK-1", undefined, undefined]);
    await doneWithCurrent(two);
    expect((await next(two))?.id).toBe("TSK-2");
    expect((await errorOf(doneWithCurrent({ agent: "agent-9" }))).message).toBe("agent-9 works on no task");
  });

  test("is also what the agent has claimed and not begun", async () => {
    await takeTask(pool.deps, { actor: one, id: "TSK-1", start: false });
    expect(await next(two)).toBeUndefined();
    expect(await next(one)).toMatchObject({ id: "TSK-1", status: "in_progress", claim: { number: 1 } });
  });
});

test("blocking refuses what is unknown and what goes round, and names the circle", async () => {
  for (const title of ["b", "c"]) await addTask(pool.deps, { title });
  await blockTask(pool.deps, "TSK-1", ["TSK-2"]);
  await blockTask(pool.deps, "tsk-2", ["TSK-3"]);
  const error = await errorOf(blockTask(pool.deps, "TSK-3", ["TSK-1"]));
  expect(error).toMatchObject({
    code: "E_TASK_CYCLE",
    message: "TSK-3 would wait for itself: TSK-3 waits for TSK-1 waits for TSK-2 waits for TSK-3",
    hint: "end one of these first: devkit task unblock TSK-1 --by TSK-2",
  });
  expect((await errorOf(blockTask(pool.deps, "TSK-3", ["TSK-9"]))).code).toBe("E_TASK_UNKNOWN");
  expect((await errorOf(blockTask(pool.deps, "TSK-3", ["../x"]))).code).toBe("E_TASK_INPUT");
  expect(await pool.read("TSK-3")).not.toHaveProperty("blocked_by");
});
