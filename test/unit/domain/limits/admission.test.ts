import { describe, expect, test } from "vitest";
import { admit, describeLack, type AdmissionRequest } from "../../../../src/domain/limits/admission.js";
import { findShortage } from "../../../../src/domain/limits/room.js";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const NONE = { memory: undefined, cpus: undefined, pids: undefined };
const limits = { memory: 4 * GIB, cpus: 0.1, pids: 512, tmp: GIB };
const agents = (count: number) => Array.from({ length: count }, () => limits);
const ask = (change: Partial<AdmissionRequest>) =>
  admit({
    ...{
      waiting: agents(8),
      running: [],
      own: 0,
      fresh: 0,
      jobs: undefined,
      budget: NONE,
      machine: undefined,
    },
    ...change,
  });
const machine = (memory: number | undefined, free = 100 * GIB, size = 200 * GIB) => ({
  memory,
  disks: [{ free, size }],
});

describe("agents of a run", () => {
  test("all start where nothing limits them", () => {
    expect(ask({})).toEqual({ count: 8, lack: undefined, isHopeless: false });
    expect(ask({ machine: machine(undefined) })).toMatchObject({ count: 8 });
  });

  test("start as many as there may be at once, those that are there counted", () => {
    expect(ask({ jobs: 3 })).toMatchObject({ count: 3, lack: { of: "jobs" }, isHopeless: false });
    expect(ask({ jobs: 3, own: 2 })).toMatchObject({ count: 1 });
    expect(ask({ jobs: 3, own: 3 })).toMatchObject({ count: 0, isHopeless: false });
  });

  test("start as far as the budget goes, in their order, and say what is left of it", () => {
    const budget = { ...NONE, memory: 14 * GIB };
    expect(ask({ budget })).toEqual({
      ...{ count: 3, isHopeless: false },
      lack: { of: "memory", needed: 4 * GIB, available: 2 * GIB },
    });
    const small = { ...limits, memory: GIB };
    expect(ask({ budget, waiting: [limits, limits, limits, limits, small] })).toMatchObject({ count: 3 });
    expect(ask({ budget: { ...NONE, cpus: 0.3 } })).toMatchObject({ count: 3, lack: { of: "cpus" } });
    expect(ask({ budget: { ...NONE, pids: 600 } })).toMatchObject({ count: 1, lack: { of: "pids" } });
  });

  test("wait for those that end by themselves, and hope for nothing of those that stay", () => {
    const budget = { ...NONE, memory: 8 * GIB };
    const ends = { limits, ends: true };
    const stays = { limits, ends: false };
    expect(ask({ budget, running: [ends, ends] })).toMatchObject({ count: 0, isHopeless: false });
    expect(ask({ budget, running: [ends, stays] })).toMatchObject({ count: 0, isHopeless: false });
    expect(ask({ budget, running: [stays, stays] })).toMatchObject({ count: 0, isHopeless: true });
    expect(ask({ budget: { ...NONE, memory: 3 * GIB } })).toMatchObject({ count: 0, isHopeless: true });
  });

  test("start as far as the machine has memory for starts, those just begun counted", () => {
    expect(ask({ machine: machine(GIB) })).toMatchObject({ count: 4, lack: { of: "free_memory" } });
    expect(ask({ machine: machine(GIB), own: 3, fresh: 3 })).toMatchObject({ count: 1 });
    expect(ask({ machine: machine(GIB), own: 3, fresh: 0 })).toMatchObject({ count: 4 });
  });
});

describe("room on the machine", () => {
  test("is memory for what a start takes, which is no more than an agent may have", () => {
    expect(findShortage(machine(255 * MIB), 1, limits)).toEqual({
      ...{ of: "free_memory", needed: 256 * MIB, available: 255 * MIB },
    });
    expect(findShortage(machine(256 * MIB), 1, limits)).toBeUndefined();
    expect(findShortage(machine(128 * MIB), 2, { memory: 64 * MIB })).toBeUndefined();
    expect(findShortage(machine(undefined), 100, limits)).toBeUndefined();
  });

  test("is disk that stays free, unless the disk is a small one", () => {
    expect(findShortage(machine(GIB, 2 * GIB - 1), 1, limits)).toMatchObject({ of: "free_disk" });
    expect(findShortage(machine(GIB, 2 * GIB), 1, limits)).toBeUndefined();
    expect(findShortage(machine(GIB, MIB, 19 * GIB), 1, limits)).toBeUndefined();
  });
});

test("what is waited for is said with what there is of it", () => {
  expect(describeLack({ of: "memory", needed: 2 * GIB, available: GIB })).toBe(
    "2.0 GiB of memory; the budget has 1.0 GiB left",
  );
  expect(describeLack({ of: "cpus", needed: 2, available: 0.5 })).toBe(
    "2 processors; the budget has 0.5 left",
  );
  expect(describeLack({ of: "pids", needed: 512, available: 0 })).toBe(
    "512 processes; the budget has 0 left",
  );
  expect(describeLack({ of: "free_disk", needed: 2 * GIB, available: GIB })).toBe(
    "2.0 GiB of free disk; this machine has 1.0 GiB",
  );
  expect(describeLack({ of: "free_memory", needed: GIB, available: MIB })).toMatch(/free memory/);
  expect(describeLack({ of: "jobs", needed: 1, available: 0 })).toBe("one of them to end");
});
