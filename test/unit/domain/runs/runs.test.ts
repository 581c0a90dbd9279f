import { describe, expect, test } from "vitest";
import { findNameProblem } from "../../../../src/domain/agents/agent-name.js";
import { NO_WORK } from "../../../../src/domain/custody/unsaved-work.js";
import { isLeft, runNames, type OwnerState } from "../../../../src/domain/runs/ephemeral.js";
import { exitCodeOf, judgeEnd, type EndReason } from "../../../../src/domain/runs/run-result.js";
import { findUncollected } from "../../../../src/domain/runs/uncollected.js";

test.each<[OwnerState, boolean, boolean]>([
  ["alive", false, true],
  ["dead", true, true],
  ["none", false, true],
  ["elsewhere", false, true],
])("an agent for a while whose process is %s", (owner, early, late) => {
  const note = {
    ...{ agent: { index: 1, name: "run-a-1" }, run: "a", base: "c", staging: undefined },
    expiresAt: "2026-01-01T12:00:00.000Z",
  };
  expect(isLeft(note, owner, new Date("2026-01-01T11:59:59Z"))).toBe(early);
  // Who is at work on it takes it away, however long that takes.
  expect(isLeft(note, owner, new Date("2026-01-01T12:00:00Z"))).toBe(owner === "alive" ? false : late);
});

test("agents of runs have names that agents can have, with a number each", () => {
  expect(runNames("3fa91c", 2)).toEqual(["run-3fa91c-1", "run-3fa91c-2"]);
  expect(findNameProblem(runNames("3fa91c", 9999).at(-1) ?? "")).toBeUndefined();
});

test.each<[number | undefined, "timeout" | "interrupted" | undefined, boolean, EndReason]>([
  [0, undefined, false, "passed"],
  [0, undefined, true, "passed"],
  [1, undefined, false, "failed"],
  [137, undefined, true, "out_of_memory"],
  [undefined, undefined, false, "failed"],
  [0, "timeout", false, "timeout"],
  [143, "interrupted", true, "interrupted"],
])("exit code %s, stopped for %s, out of memory %s: %s", (exitCode, stopped, isOutOfMemory, reason) => {
  expect(judgeEnd({ exitCode, stopped, isOutOfMemory })).toBe(reason);
});

test.each<[EndReason[], number]>([
  [["passed", "passed"], 0],
  [["passed", "failed"], 1],
  [["timeout"], 1],
  [["failed", "not_started"], 6],
  [["not_started"], 6],
])("a run of %s ends with %s", (reasons, code) => {
  expect(exitCodeOf(reasons.map((reason) => ({ reason })))).toBe(code);
});

describe("what no proof has of an agent's work", () => {
  const work = {
    ...NO_WORK,
    ...{ changed: 1, untracked: 2, branches: [{ branch: "agent/x/idle", commits: 3 }], detached: 1 },
    ...{ stashes: 1, commands: 4 },
  };

  const nothing = { bundle: false, patch: false, untracked: false, stashes: false };
  const all = { bundle: true, patch: true, untracked: true, stashes: true };

  test("is everything without one, but for commands that run", () => {
    expect(findUncollected(work, nothing)).toHaveLength(5);
    expect(findUncollected({ ...NO_WORK, commands: 4 }, nothing)).toEqual([]);
  });

  test("is what the proof's parts have not", () => {
    expect(findUncollected(work, all)).toEqual([]);
    expect(findUncollected(work, { ...all, untracked: false, stashes: false })).toEqual([
      ...["2 untracked files", "1 stash"],
    ]);
    expect(findUncollected(work, { ...all, patch: false })).toEqual(["1 uncommitted change"]);
  });
});
