import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { findExcess } from "../../../../src/domain/limits/budget.js";
import { recordedLimits } from "../../../../src/domain/limits/recorded-limits.js";
import { sharedMemorySize, temporarySize } from "../../../../src/domain/limits/temporary-size.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { specOf } from "../../support/things.js";

const GIB = 1024 ** 3;
const NONE = { memory: undefined, cpus: undefined, pids: undefined };
const limits = { memory: 4 * GIB, cpus: 0.1, pids: 512, tmp: GIB };
const agents = (...indexes: number[]) => indexes.map((index) => ({ agent: agentAt(index), limits }));

describe("a budget", () => {
  test("that is not there, or just enough, is none", () => {
    expect(findExcess({ wanted: agents(1, 2, 3), running: [], budget: NONE })).toBeUndefined();
    const budget = { memory: 12 * GIB, cpus: 0.3, pids: 1536 };
    expect(findExcess({ wanted: agents(1, 2, 3), running: agents(1, 2), budget })).toBeUndefined();
  });

  test("that is exceeded says by what, and how many fit", () => {
    const budget = { ...NONE, memory: 9 * GIB };
    expect(findExcess({ wanted: agents(1, 2, 3), running: [], budget })).toEqual({
      key: "memory",
      sum: 12 * GIB,
      budget: 9 * GIB,
      agents: 3,
      fits: 2,
    });
    expect(findExcess({ wanted: agents(1), running: [], budget: { ...NONE, pids: 100 } })).toMatchObject({
      key: "pids",
      fits: 0,
    });
  });

  test("counts what runs beside those asked for, also in what fits", () => {
    const budget = { ...NONE, memory: 12 * GIB };
    const excess = findExcess({ wanted: agents(1, 2), running: agents(4, 5), budget });
    expect(excess).toMatchObject({ agents: 4, sum: 16 * GIB, fits: 1 });
  });
});

test("what a container was made with is read back from its label", () => {
  const spec = specOf(agentAt(1), { memory: 512 * 1024 ** 2, cpus: 0.5 });
  expect(recordedLimits(spec.labels[LABELS.config])).toEqual(spec.limits);
  for (const text of [undefined, "", "{}", "null", "x"]) expect(recordedLimits(text)).toBeUndefined();
});

test("memory that no process has leaves room for processes", () => {
  expect(temporarySize(GIB, 4 * GIB, false)).toBe(GIB);
  expect(temporarySize(GIB, 4 * GIB, true)).toBe(GIB);
  for (const readOnly of [true, false]) {
    const each = temporarySize(GIB, 64 * 1024 ** 2, readOnly);
    const all = each * (readOnly ? 3 : 1) + sharedMemorySize(64 * 1024 ** 2);
    expect(all).toBeLessThan(0.9 * 64 * 1024 ** 2);
  }
  expect(specOf(agentAt(1), { memory: 128 * 1024 ** 2 }).limits.tmp).toBe(64 * 1024 ** 2);
});
