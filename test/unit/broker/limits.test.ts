import { describe, expect, test } from "vitest";
import { createAgentGate } from "../../../src/broker/agent-gate.js";
import { createRefusalLog, type LogLine } from "../../../src/broker/refusal-log.js";
import { createTokenBucket } from "../../../src/broker/token-bucket.js";

describe("the token bucket", () => {
  test("lets a burst through, then makes wait, then refuses, and forgets with time", () => {
    let now = 0;
    const take = createTokenBucket({ rate: 10, burst: 3, delayMs: 200, now: () => now });
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    expect([take(), take()].map((ms) => Math.round(ms ?? -1))).toEqual([100, 200]);
    expect(take()).toBeUndefined();
    // What was refused has taken nothing.
    now = 100;
    expect(Math.round(take() ?? -1)).toBe(200);
    now = 10_000;
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    expect(take()).toBeGreaterThan(0);
  });
});

describe("an agent's gate", () => {
  test("runs one job at a time, in turn", async () => {
    const gate = createAgentGate();
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const job = (number: number) => () =>
      new Promise<void>((resolve) => {
        running += 1;
        most = Math.max(most, running);
        order.push(number);
        setImmediate(() => {
          running -= 1;
          resolve();
        });
      });
    await Promise.all([1, 2, 3, 4].map((number) => gate.run(job(number))));
    expect([most, order]).toEqual([1, [1, 2, 3, 4]]);
  });

  test("rests after a job as long as that took", async () => {
    const gate = createAgentGate();
    const busy = () => {
      const until = performance.now() + 40;
      while (performance.now() < until);
      return Promise.resolve(performance.now());
    };
    const ended = (await gate.run(busy)) ?? 0;
    const began = await gate.run(() => Promise.resolve(performance.now()));
    expect(began).toBeGreaterThanOrEqual(ended + 38);
  });

  test("a job that fails keeps no other from its turn", async () => {
    const gate = createAgentGate();
    await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.run(() => Promise.resolve(1))).toBe(1);
  });
});

describe("the log of refusals", () => {
  test("says the first of a kind at once, and of the rest how many", () => {
    const lines: LogLine[] = [];
    let ms = 0;
    const log = createRefusalLog(
      (line) => lines.push(line),
      () => new Date(ms),
    );
    for (let number = 0; number < 1000; number += 1) log.note("agent-1", "garbage", `n${String(number)}`);
    log.note("agent-2", "garbage", "x\u001b[2J\ny");
    expect(lines.map(({ agent, detail, count }) => [agent, detail, count])).toEqual([
      ["agent-1", "n0", undefined],
      ["agent-2", "x·[2J·y", undefined],
    ]);
    ms = 10_000;
    log.note("agent-1", "slow", "later");
    expect(lines.slice(2).map(({ event, detail, count }) => [event, detail, count])).toEqual([
      ["garbage", "n999", 999],
      ["slow", "later", undefined],
    ]);
  });

  test("cuts what is long", () => {
    const lines: LogLine[] = [];
    createRefusalLog((line) => lines.push(line)).note("agent-1", "refused", "x".repeat(10_000));
    expect(lines[0]?.detail).toHaveLength(300);
  });
});
