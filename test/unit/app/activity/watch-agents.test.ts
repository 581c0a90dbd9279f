import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookAtAgents } from "../../../../src/app/activity/look-at-agents.js";
import { watchAgents, type AgentChange } from "../../../../src/app/activity/watch-agents.js";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { waitFor } from "../../../../src/base/wait.js";
import { agentEvent } from "../../../../src/domain/activity/agent-event.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeActivity, type FakeActivity } from "../../fakes/activity.js";
import { createWorld, type World } from "../../fakes/world.js";
import { createPool, type TestPool } from "../../support/pool.js";

const PAUSES = { gapMs: 1, settleMs: 60_000, sweepMs: 60_000, retryMs: 1 };

let world: World;
let activity: FakeActivity;
let pool: TestPool;
let stop: AbortController;
let looks: AgentChange[][];
let warnings: string[];
let ended: Promise<void>;

beforeEach(async () => {
  [world, activity, pool] = [createWorld(), createFakeActivity(), await createPool()];
  [stop, looks, warnings] = [new AbortController(), [], []];
  const request = {
    ...{ count: 2, settings: DEFAULT_SETTINGS, settingsOf: () => DEFAULT_SETTINGS, allowed: [] },
    ...{ host: world.host, force: false, dryRun: false, now: new Date(), signal: stop.signal },
  };
  await bringUp(world.deps, request);
});

afterEach(async () => {
  stop.abort();
  await ended;
});

function begin(pauses = PAUSES): void {
  const progress = { warn: (text: string) => void warnings.push(text) };
  const deps = { ...world.deps, activity, tasks: pool.deps, progress };
  const onChanges = (changes: readonly AgentChange[]) => void looks.push([...changes]);
  ended = watchAgents(deps, { onChanges, signal: stop.signal, pauses });
}

const look = (count: number) =>
  waitFor(() => Promise.resolve(looks[count - 1]), { deadlineMs: 5000, what: `look ${String(count)}` });
const summary = (changes: readonly AgentChange[]) =>
  changes.map(({ name, before, now, first }) => [
    ...[name, before?.activity.state, now?.activity.state, now?.task?.id],
    first,
  ]);

describe("watching agents", () => {
  test("shows all at first, then each that is at something else, and nothing while nothing changes", async () => {
    begin();
    expect(summary(await look(1))).toEqual([
      ["agent-1", undefined, "idle", undefined, true],
      ["agent-2", undefined, "idle", undefined, true],
    ]);
    activity.said.set("agent-2", agentEvent("working", undefined, new Date()));
    activity.tell("events");
    expect(summary(await look(2))).toEqual([["agent-2", "idle", "working", undefined, false]]);
    // The same once more, later.
    activity.said.set("agent-2", agentEvent("working", undefined, new Date()));
    activity.tell("events");
    activity.said.set("agent-1", agentEvent("waiting", "turn ended", new Date()));
    activity.tell("events");
    expect(summary(await look(3))).toEqual([["agent-1", "idle", "waiting", undefined, false]]);
    expect(looks).toHaveLength(3);
  });

  test("shows whose task has changed, and who is gone", async () => {
    begin();
    await look(1);
    const { id } = await addTask(pool.deps, { title: "x" });
    await takeTask(pool.deps, { actor: { agent: "agent-1" }, id, start: true });
    activity.tell("pool");
    expect(summary(await look(2))).toEqual([["agent-1", "idle", "idle", "TSK-1", false]]);
    const [container] = [...world.engine.containers.values()].filter(
      ({ spec }) => spec.hostname === "agent-2",
    );
    await world.engine.stopContainer(container?.id ?? "");
    activity.tell("containers");
    expect(summary(await look(3))).toEqual([["agent-2", "idle", "stopped", undefined, false]]);
  });

  test("goes on after a look that failed, which it tells once", async () => {
    let broken = false;
    world.before = (operation) => {
      if (broken && operation === "list") throw new DevkitError("E_ENGINE_UNAVAILABLE", "no engine");
    };
    begin();
    await look(1);
    broken = true;
    activity.said.set("agent-1", agentEvent("working", undefined, new Date()));
    activity.tell("containers");
    await waitFor(() => Promise.resolve(warnings[0]), { deadlineMs: 5000, what: "a warning" });
    for (let round = 0; round < 20; round++) await new Promise((resolve) => setTimeout(resolve, 1));
    broken = false;
    expect(summary(await look(2))).toEqual([["agent-1", "idle", "working", undefined, false]]);
    expect(warnings).toEqual(["the agents cannot be looked at, which is tried again: no engine"]);
  });

  test("ends with a defect of ours", async () => {
    const failing = { ...activity, panes: () => Promise.resolve(null as never) };
    const progress = { warn: () => undefined };
    const deps = { ...world.deps, activity: failing, tasks: pool.deps, progress };
    ended = Promise.resolve();
    await expect(watchAgents(deps, { onChanges: () => undefined, signal: stop.signal })).rejects.toThrow(
      TypeError,
    );
  });

  test("looks by itself now and then: time alone changes things", async () => {
    activity.said.set("agent-1", agentEvent("working", undefined, new Date(Date.now() - 59_950)));
    begin({ ...PAUSES, sweepMs: 20 });
    expect(summary(await look(1))[0]).toEqual(["agent-1", undefined, "working", undefined, true]);
    expect(summary(await look(2))).toEqual([["agent-1", "working", "unknown", undefined, false]]);
  });
});

test("one look says what there is of each agent", async () => {
  ended = Promise.resolve();
  activity.terminals.set("agent-1", { dead: { exitCode: 2, at: undefined } });
  const deps = { ...world.deps, activity, tasks: pool.deps };
  expect(await lookAtAgents(deps, pool.deps.store.load())).toMatchObject([
    { agent: { name: "agent-1" }, container: "running", activity: { state: "exited", exitCode: 2 } },
    { agent: { name: "agent-2" }, container: "running", activity: { state: "idle" } },
  ]);
});
