import { describe, expect, test } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { ActivityState } from "../../../src/domain/activity/activity.js";
import {
  changeData,
  changeLine,
  redraw,
  watchTable,
  type WatchRow,
} from "../../../src/output/views/watch.js";

const row = (index: number, state: ActivityState, detail?: string): WatchRow => ({
  agent: agentAt(index),
  container: "running",
  activity: { state, since: undefined, detail, exitCode: undefined },
  task: index === 1 ? { id: "TSK-1", status: "in_progress" } : undefined,
});
const at = new Date("2026-01-02T03:04:05Z");

describe("agents that are watched", () => {
  test("are lines where no terminal is", () => {
    const change = { at, name: "agent-1", before: row(1, "working"), now: row(1, "waiting", "turn ended") };
    expect(changeLine(change)).toBe(
      "2026-01-02T03:04:05.000Z  agent-1  working -> waiting, TSK-1 in_progress: turn ended",
    );
    expect(changeLine({ ...change, before: undefined })).toContain("agent-1  waiting, TSK-1");
    expect(changeLine({ ...change, before: row(1, "waiting") })).toContain("agent-1  waiting, TSK-1");
    expect(changeLine({ ...change, now: undefined })).toMatch(/agent-1 {2}working -> gone$/);
    expect(changeData({ ...change, now: undefined })).toEqual({
      ...{ at: "2026-01-02T03:04:05.000Z", index: 1, name: "agent-1", container: null, activity: null },
      ...{ previous: "working", task_id: null, task_status: null },
    });
  });

  test("are a table on one", () => {
    expect(watchTable([row(1, "out-of-memory"), row(2, "waiting", "asks")]).split("\n")).toEqual([
      "AGENT    TASK    STATUS       ACTIVITY       SINCE",
      "agent-1  TSK-1   in_progress  out of memory",
      "agent-2  (idle)  -            waiting               asks",
    ]);
    expect(watchTable([])).toContain("devkit agent up");
  });

  test("whose table is drawn over the one before it, in the width there is", () => {
    expect(redraw("ab\ncd", 0, 80)).toBe("\u001b[Jab\ncd");
    expect(redraw("abcdef\ncd", 3, 4)).toBe("\u001b[3A\u001b[Jabc\ncd");
  });
});
