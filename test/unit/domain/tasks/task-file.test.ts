import { describe, expect, test } from "vitest";
import { formatTask, parseTask } from "../../../../src/domain/tasks/task-file.js";
import { taskOf, type Task } from "../../../../src/domain/tasks/task.js";

const NOW = "2026-01-01T00:00:00.000Z";
const whole: Task = {
  ...taskOf("TSK-7", { title: "Fix it", description: "a\nb", blockedBy: ["TSK-2"], topics: ["api"] }, NOW),
  ...{ status: "in_progress", startedAt: NOW, scope: ["src/**"], source: "issue:1", branch: "main" },
  notes: [{ at: NOW, by: "main", text: "so" }],
  claim: { agent: "agent-1", number: 3, expiresAt: NOW, host: "vm" },
  claims: 3,
};

const parsed = (value: unknown) =>
  parseTask("TSK-7", typeof value === "string" ? value : JSON.stringify(value));
const small = { title: "x", status: "pending", priority: "p1", created_at: NOW };

describe("a task's file", () => {
  test("says the same when it is written and read", () => {
    expect(parsed(formatTask(whole))).toEqual({ ok: true, task: whole });
  });

  test("has the fields of the specification, the empty ones left out", () => {
    const text = formatTask(taskOf("TSK-1", { title: "Fix it" }, NOW));
    expect(JSON.parse(text)).toEqual({ title: "Fix it", status: "pending", priority: "p1", created_at: NOW });
    expect(JSON.parse(formatTask(whole))).toMatchObject({
      ...{ claimed_by: "agent-1", claim: { agent: "agent-1", number: 3, expires_at: NOW, host: "vm" } },
      ...{ blocked_by: ["TSK-2"], started_at: NOW },
    });
  });

  test("keeps fields that nobody here knows, also those with the names of everything", () => {
    const text =
      '{"title":"x","status":"done","priority":"p0","created_at":"' +
      NOW +
      '","later":{"a":[1]},"__proto__":{"b":1}}';
    const found = parsed(text);
    if (!found.ok) throw new Error(found.problem);
    expect(formatTask({ ...found.task, title: "y" })).toContain('"later": {');
    expect(formatTask(found.task)).toContain('"__proto__": {');
    expect(Object.getPrototypeOf(found.task.rest)).toBe(Object.prototype);
  });

  test("that only says who has it was written by hand: such a claim does not end by itself", () => {
    const found = parsed({ ...small, claimed_by: "agent-2" });
    expect(found).toMatchObject({
      task: { claim: { agent: "agent-2", number: 1, expiresAt: undefined }, claims: 1 },
    });
  });

  test.each([
    ["", "is empty"],
    [formatTask(whole).slice(0, 80), "is not whole JSON"],
    ["[]", "is not one JSON object"],
    ["null", "is not one JSON object"],
    [{ ...small, title: undefined }, "has no title"],
    [{ ...small, title: "" }, "has no title"],
    [{ ...small, title: { a: 1 } }, "has a wrong title: it must be text"],
    [{ ...small, status: "started" }, "has a wrong status: it must be backlog, pending, in_progress, done"],
    [
      { ...small, status: "constructor" },
      "has a wrong status: it must be backlog, pending, in_progress, done",
    ],
    [{ ...small, priority: 1 }, "has a wrong priority: it must be p0, p1, p2, p3"],
    [{ ...small, created_at: "yesterday" }, "has a wrong created_at: it must be a time (RFC 3339)"],
    [
      { ...small, created_at: "2026-13-41T00:00:00Z" },
      "has a wrong created_at: it must be a time (RFC 3339)",
    ],
    [{ ...small, blocked_by: ["../x"] }, "has a wrong blocked_by: it must be a list of ids of tasks"],
    [{ ...small, blocked_by: "TSK-1" }, "has a wrong blocked_by: it must be a list of ids of tasks"],
    [{ ...small, notes: [{}] }, "has a wrong notes: it must be a list of notes with at, by and text"],
    [{ ...small, claimed_by: "../x" }, "has a wrong claimed_by: it must be text"],
    [{ ...small, claim: [] }, "has no claim.agent"],
    [{ ...small, claim: { agent: "agent-1", number: -1 } }, "has a wrong claim.number: it must be a number"],
    [{ ...small, claims: 1e300 }, "has a wrong claims: it must be a number"],
  ])("%j %s", (value, problem) => {
    expect(parsed(value)).toEqual({ ok: false, problem });
  });

  test("nested however deep does no harm", () => {
    const deep = `{"title":"x","status":"pending","priority":"p1","created_at":"${NOW}","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(parsed(deep)).toEqual({ ok: false, problem: "is nested too deeply" });
    expect(parsed("[".repeat(100_000))).toMatchObject({ ok: false });
  });
});
