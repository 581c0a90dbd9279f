import { describe, expect, test } from "vitest";
import { findCycle, openBlockers } from "../../../../src/domain/tasks/blocking.js";
import { byPlace, byRank } from "../../../../src/domain/tasks/task-order.js";
import { TASK_PRIORITIES, taskOf, TASK_STATUSES, type Task } from "../../../../src/domain/tasks/task.js";
import { createRandom } from "../../support/random.js";

const NOW = "2026-01-01T00:00:00.000Z";
const task = (number: number, more: Partial<Task> = {}): Task => ({
  ...taskOf(`TSK-${String(number)}`, { title: "x" }, NOW),
  ...more,
});

describe("findCycle", () => {
  const graph: Record<string, string[]> = { "TSK-1": ["TSK-2"], "TSK-2": ["TSK-3"], "TSK-3": ["TSK-4"] };
  const at = (id: string) => graph[id] ?? [];

  test("names the circle from where it begins", () => {
    expect(findCycle("TSK-3", "TSK-1", at)).toEqual(["TSK-3", "TSK-1", "TSK-2", "TSK-3"]);
    expect(findCycle("TSK-1", "TSK-1", at)).toEqual(["TSK-1", "TSK-1"]);
    expect(findCycle("TSK-1", "TSK-4", at)).toBeUndefined();
  });

  test("goes along chains of any length, and circles that are there already", () => {
    const next = (id: string) => {
      const number = Number(id.slice(4));
      return number < 100_000 ? [`TSK-${String(number + 1)}`] : ["TSK-50"];
    };
    expect(findCycle("TSK-100000", "TSK-1", next)).toHaveLength(100_001);
    expect(findCycle("TSK-200000", "TSK-1", next)).toBeUndefined();
  });

  test("edges that it lets pass never make a circle, and those it does not would", () => {
    const random = createRandom(7);
    for (let round = 0; round < 200; round += 1) {
      const edges = new Map<string, string[]>();
      const edgesOf = (id: string) => edges.get(id) ?? [];
      for (let step = 0; step < 40; step += 1) {
        const [id, by] = [random.int(12), random.int(12)].map((number) => `TSK-${String(number + 1)}`) as [
          string,
          string,
        ];
        const cycle = findCycle(id, by, edgesOf);
        expect(cycle === undefined).toBe(!reaches(by, id, edgesOf));
        if (cycle === undefined) edges.set(id, [...edgesOf(id), by]);
        else {
          // Each of it waits for the next; the first step is the one that was asked for.
          expect([cycle[0], cycle[1], cycle.at(-1)]).toEqual([id, by, id]);
          for (const [index, one] of cycle.slice(1, -1).entries())
            expect(edgesOf(one)).toContain(cycle[index + 2]);
        }
      }
    }
  });
});

function reaches(from: string, to: string, edgesOf: (id: string) => readonly string[]): boolean {
  const seen = new Set([from]);
  for (const one of seen) for (const next of edgesOf(one)) seen.add(next);
  return seen.has(to);
}

describe("openBlockers", () => {
  test("one that is done or gone holds nobody up; one that cannot be read does", () => {
    const tasks = new Map([1, 2].map((number) => [`TSK-${String(number)}`, task(number)]));
    tasks.set("TSK-3", task(3, { status: "done" }));
    const waiting = task(9, { blockedBy: ["TSK-1", "TSK-3", "TSK-4", "TSK-5"] });
    const broken = [{ name: "TSK-5", problem: "is empty" }];
    expect(openBlockers(waiting, { tasks, broken })).toEqual(["TSK-1", "TSK-5"]);
  });
});

describe("the order", () => {
  test("is one: by priority and then by number, parked after open, done last", () => {
    const random = createRandom(3);
    const all = Array.from({ length: 300 }, (_, index) =>
      task(index + 1, { priority: random.pick(TASK_PRIORITIES), status: random.pick(TASK_STATUSES) }),
    );
    const sorted = [...all].sort(() => random.int(3) - 1).sort(byPlace);
    for (const [index, b] of sorted.entries()) {
      const a = sorted[index - 1];
      if (a === undefined) continue;
      const places = [a, b].map(({ status }) => ["done", "backlog"].indexOf(status));
      expect(byPlace(a, b)).toBeLessThan(0);
      expect(byPlace(b, a)).toBeGreaterThan(0);
      if (places[0] === places[1] && a.priority === b.priority) {
        expect(Number(a.id.slice(4))).toBeLessThan(Number(b.id.slice(4)));
      }
    }
    expect([task(10), task(2), task(3, { priority: "p0" })].sort(byRank).map(({ id }) => id)).toEqual([
      ...["TSK-3", "TSK-2", "TSK-10"],
    ]);
  });
});
