import { describe, expect, test } from "vitest";
import { judgeActivity, type Activity, type Seen } from "../../../../src/domain/activity/activity.js";
import { agentEvent, type EventState } from "../../../../src/domain/activity/agent-event.js";
import { activityData, activityLine, activityText } from "../../../../src/output/views/activity.js";

const NOW = new Date("2026-01-02T12:00:00Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const at = (seconds: number) => ago(seconds).toISOString();
const said = (state: EventState, seconds: number, detail?: string) => agentEvent(state, detail, ago(seconds));

const NOTHING: Seen = {
  container: { state: "running", statusText: "Up 2 hours" },
  startedAt: at(3600),
  outOfMemory: undefined,
  pane: undefined,
  event: undefined,
  execs: undefined,
  now: NOW,
};
const judge = (seen: Partial<Seen>): Activity => judgeActivity({ ...NOTHING, ...seen });
const ended = (statusText: string, more: Partial<Seen> = {}) =>
  judge({ container: { state: "exited", statusText }, ...more });
const ALIVE = { dead: undefined };
const deadPane = (exitCode: number | undefined, seconds?: number) => ({
  dead: { exitCode, at: seconds === undefined ? undefined : at(seconds) },
});

describe("an agent that runs", () => {
  test("is at what its program said last", () => {
    expect(judge({ event: said("working", 5) })).toEqual({
      ...{ state: "working", since: at(5), detail: undefined, exitCode: undefined },
    });
    expect(judge({ event: said("waiting", 600, "asks for permission"), pane: ALIVE })).toMatchObject({
      ...{ state: "waiting", since: at(600), detail: "asks for permission" },
    });
    expect(judge({ event: said("idle", 9000), startedAt: at(9001) })).toMatchObject({ state: "idle" });
  });

  test("is idle when nothing was ever said and no terminal shows it, unknown when one does", () => {
    expect(judge({})).toMatchObject({ state: "idle", since: undefined });
    expect(judge({ pane: ALIVE })).toMatchObject({ state: "unknown" });
  });

  test("has said nothing that an earlier run said, or that lies in the future", () => {
    expect(judge({ event: said("working", 3601) })).toMatchObject({ state: "idle" });
    expect(judge({ event: said("working", 3601), pane: ALIVE })).toMatchObject({ state: "unknown" });
    expect(judge({ event: said("working", -3600) })).toMatchObject({ state: "idle" });
    expect(judge({ event: said("working", -1) })).toMatchObject({ state: "working" });
  });

  test("is not known to work when no command runs in it any more, unless it just said so", () => {
    expect(judge({ event: said("working", 61), execs: 0 })).toMatchObject({
      ...{ state: "unknown", since: at(61), detail: "was working, and no command runs in it any more" },
    });
    expect(judge({ event: said("working", 59), execs: 0 })).toMatchObject({ state: "working" });
    expect(judge({ event: said("working", 999), execs: 1 })).toMatchObject({ state: "working" });
    expect(judge({ event: said("working", 999), execs: 0, pane: ALIVE })).toMatchObject({ state: "working" });
    expect(judge({ event: said("idle", 999), execs: 0 })).toMatchObject({ state: "idle" });
  });

  test("whose terminal has ended has exited, unless something else in it spoke later", () => {
    expect(judge({ pane: deadPane(3, 10) })).toMatchObject({ state: "exited", exitCode: 3, since: at(10) });
    expect(judge({ pane: deadPane(0, 10), event: said("working", 11) })).toMatchObject({
      ...{ state: "exited", exitCode: 0 },
    });
    expect(judge({ pane: deadPane(0, 10), event: said("working", 9) })).toMatchObject({ state: "working" });
    expect(judge({ pane: deadPane(undefined) })).toMatchObject({ state: "exited", exitCode: undefined });
  });

  test("is out of memory when the kernel ended something and it has not spoken since", () => {
    const outOfMemory = { last: at(30) };
    expect(judge({ outOfMemory })).toMatchObject({ state: "out-of-memory", since: at(30) });
    expect(judge({ outOfMemory, event: said("working", 31) })).toMatchObject({ state: "out-of-memory" });
    expect(judge({ outOfMemory, event: said("working", 29) })).toMatchObject({ state: "working" });
    expect(judge({ outOfMemory, event: said("working", 31), pane: ALIVE })).toMatchObject({
      state: "working",
    });
    expect(judge({ outOfMemory: { last: undefined }, event: said("working", 31) })).toMatchObject({
      state: "working",
    });
    expect(judge({ outOfMemory, pane: deadPane(137, 29) })).toMatchObject({
      ...{ state: "out-of-memory", exitCode: 137 },
    });
    expect(judge({ outOfMemory, pane: deadPane(1, 29) })).toMatchObject({ state: "exited", exitCode: 1 });
    expect(judge({ pane: deadPane(137, 29) })).toMatchObject({ state: "exited", exitCode: 137 });
  });
});

describe("an agent whose container does not run", () => {
  test("is stopped, has exited, or is out of memory", () => {
    const event = said("working", 5);
    expect(judge({ container: undefined, event })).toMatchObject({ state: "stopped" });
    for (const code of [130, 137, 143])
      expect(ended(`Exited (${String(code)}) 2 hours ago`, { event })).toMatchObject({ state: "stopped" });
    expect(ended("Exited (2) 3 seconds ago")).toMatchObject({ state: "exited", exitCode: 2 });
    expect(ended("Exited (0) 3 seconds ago")).toMatchObject({ state: "exited", exitCode: 0 });
    expect(ended("Exited (137) 3 seconds ago", { outOfMemory: { last: at(3) } })).toMatchObject({
      ...{ state: "out-of-memory", since: at(3), exitCode: 137 },
    });
    expect(judge({ container: { state: "created", statusText: "Created" } })).toMatchObject({
      state: "stopped",
    });
    expect(judge({ container: { state: "paused", statusText: "Up 2 hours (Paused)" } })).toMatchObject({
      ...{ state: "stopped", detail: "paused" },
    });
    expect(judge({ container: { state: "dead", statusText: "Dead" } })).toMatchObject({ state: "unknown" });
    expect(
      judge({ container: { state: "restarting", statusText: "Restarting (1) 1 second ago" } }),
    ).toMatchObject({ state: "unknown" });
  });

  test("or that has none is judged by its terminal", () => {
    expect(judge({ container: undefined, pane: ALIVE })).toMatchObject({ state: "unknown" });
    expect(judge({ container: undefined, pane: deadPane(4, 1) })).toMatchObject({
      ...{ state: "exited", exitCode: 4 },
    });
  });
});

test("what an agent is at fits in a cell, and in a line", () => {
  const exited = activityData(judge({ pane: deadPane(3, 10) }));
  expect(activityText(exited)).toBe("exited (3)");
  expect(activityText(activityData(judge({ outOfMemory: { last: at(1) } })))).toBe("out of memory");
  const waiting = activityData(judge({ event: said("waiting", 60, "turn ended") }));
  expect(activityLine(waiting)).toBe(`waiting since ${at(60)}: turn ended`);
  expect(activityLine(activityData(judge({})))).toBe("idle");
});
