import { describe, expect, test } from "vitest";
import type { AgentResult, EndReason, RunResult } from "../../../src/domain/runs/run-result.js";
import { NO_FILES } from "../../../src/domain/runs/run-result.js";
import { toJunit, toSummary } from "../../../src/output/views/run-reports.js";
import { formatTime, runText } from "../../../src/output/views/runs.js";

const HOSTILE = "<b>&\"]]>' | `x` [a](http://e.example) @all \u0007\ud800";

function agent(index: number, reason: EndReason, more: Partial<AgentResult> = {}): AgentResult {
  return {
    ...{ agent: { index, name: `run-a-${String(index)}` }, task: undefined, branch: "b", reason },
    ...{
      exitCode: reason === "passed" ? 0 : 1,
      startedAt: "2026-01-01T00:00:00.000Z",
      waitedMs: 0,
      durationMs: 1500,
    },
    ...{ commits: [], changedFiles: 2, egress: { allowed: 3, denied: 1, failed: 0 }, files: NO_FILES },
    ...{ peakMemory: 1024 ** 2, diskBytes: undefined, tail: "", problems: [], trash: undefined, ...more },
  };
}

const run = (...agents: AgentResult[]): RunResult => ({
  ...{ id: "a", base: "c", argv: ["true"], startedAt: "2026-01-01T00:00:00.000Z", durationMs: 83_500 },
  ...{ agents, out: "/out dir", jobs: undefined },
});

describe("JUnit XML", () => {
  test("counts commands that failed apart from agents that had no chance", () => {
    const reasons = ["passed", "failed", "timeout", "out_of_memory", "interrupted", "not_started"] as const;
    const text = toJunit(run(...reasons.map((reason, at) => agent(at + 1, reason))));
    expect(text).toContain('tests="6" failures="3" errors="2" skipped="0" time="83.500"');
    expect(text.match(/<failure /g)).toHaveLength(3);
    expect(text.match(/<error /g)).toHaveLength(2);
    expect(text).toContain('message="out of memory (exit code 1)"');
  });

  test("holds nothing of an agent's or a title's as markup, nor what XML cannot hold", () => {
    const task = { id: "TSK-1", title: HOSTILE };
    const text = toJunit(run(agent(1, "failed", { task, tail: HOSTILE, problems: [HOSTILE] })));
    const escaped = "&lt;b&gt;&amp;&quot;]]&gt;&apos; | `x` [a](http://e.example) @all ";
    expect(text).toContain(`name="TSK-1 ${escaped}"`);
    expect(text).toContain(`<system-out>${escaped}</system-out>`);
    expect(["\u0007", "\ud800"].filter((one) => text.includes(one))).toEqual([]);
    expect(text.match(/<(?!\/?(testsuites|testsuite|testcase|failure|system-out)\b|\?xml)/g)).toBeNull();
  });
});

test("a summary is one table, in which a title is text", () => {
  const task = { id: "TSK-1", title: `${HOSTILE}\n# two` };
  const text = toSummary(run(agent(1, "failed", { task, trash: "run-a-1-20260101T000000Z" })));
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map((row) => row.split("|").length))).toEqual(new Set([12]));
  expect(text).not.toMatch(/[<[]|@all|`x`|http:/);
  expect(text).toContain("`devkit agent restore run-a-1-20260101T000000Z`");
});

test("people see a table, what went wrong, and where everything is", () => {
  expect(runText(run(agent(1, "passed"), agent(2, "out_of_memory", { problems: ["cut\u001b[2J"] })))).toBe(
    [
      "AGENT    TASK  END            EXIT  TIME  COMMITS  FILES  MEMORY   DISK  EGRESS",
      "run-a-1  -     passed         0     1.5s  0        2      1.0 MiB  -     3 allowed, 1 denied",
      "run-a-2  -     out of memory  1     1.5s  0        2      1.0 MiB  -     3 allowed, 1 denied",
      "run-a-2: cut·[2J",
      "Proof: '/out dir'",
      "1 of 2 passed in 1m 23s.",
    ].join("\n"),
  );
  expect([1499, 61_000, 3_723_000].map(formatTime)).toEqual(["1.5s", "1m 1s", "1h 2m"]);
});
