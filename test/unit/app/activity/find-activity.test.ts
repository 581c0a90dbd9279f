import { describe, expect, test } from "vitest";
import { addActivity } from "../../../../src/app/activity/find-activity.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentEvent } from "../../../../src/domain/activity/agent-event.js";
import type { ObservedContainer } from "../../../../src/domain/agents/observed.js";
import { createFakeActivity } from "../../fakes/activity.js";

const NOW = new Date("2026-01-02T12:00:00Z");
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

const running = (index: number, state: ObservedContainer["state"] = "running") => ({
  observed: {
    agent: agentAt(index),
    container: {
      ...{ id: `c${String(index)}`, name: "", state, statusText: "Up", config: undefined },
      ...{ configHash: undefined, networks: new Map() },
    },
  },
  outOfMemory: undefined,
});

function setUp() {
  const asked: string[] = [];
  const engine = {
    findStart(id: string) {
      asked.push(`start ${id}`);
      return Promise.resolve(before(3600).toISOString());
    },
    countExecs(id: string) {
      asked.push(`execs ${id}`);
      return id === "c9" ? Promise.reject(new Error("gone")) : Promise.resolve(0);
    },
  };
  const activity = createFakeActivity(() => NOW);
  return { asked, activity, deps: { engine, ...activity } };
}

describe("what agents are at", () => {
  test("is told of each beside the rest, in their order", async () => {
    const { deps, activity } = setUp();
    activity.said.set("agent-2", agentEvent("waiting", "turn ended", before(5)));
    activity.terminals.set("agent-3", { dead: { exitCode: 1, at: undefined } });
    const found = await addActivity(deps, [running(1), running(2), running(3), running(4, "exited")]);
    expect(found.map(({ observed, activity: { state } }) => [observed.agent.index, state])).toEqual([
      [1, "idle"],
      [2, "waiting"],
      [3, "exited"],
      [4, "stopped"],
    ]);
  });

  test("costs no question to the engine about agents that said nothing, and few about the others", async () => {
    const { deps, activity, asked } = setUp();
    activity.said.set("agent-2", agentEvent("working", undefined, before(5)));
    activity.said.set("agent-3", agentEvent("working", undefined, before(500)));
    activity.said.set("agent-4", agentEvent("working", undefined, before(500)));
    activity.terminals.set("agent-4", { dead: undefined });
    const found = await addActivity(deps, [running(1), running(2), running(3), running(4)]);
    expect(found.map((one) => one.activity.state)).toEqual(["idle", "working", "unknown", "working"]);
    expect(asked.sort()).toEqual(["execs c3", "start c2", "start c3", "start c4"]);
  });

  test("is told also when the engine does not answer about one", async () => {
    const { deps, activity } = setUp();
    activity.said.set("agent-9", agentEvent("working", undefined, before(500)));
    expect((await addActivity(deps, [running(9)]))[0]?.activity.state).toBe("working");
  });
});
