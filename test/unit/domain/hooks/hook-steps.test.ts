import { describe, expect, test } from "vitest";
import { hashCommands, type HookRun } from "../../../../src/domain/hooks/hook-record.js";
import { hookSteps, type AgentHooks, type ContainerChange } from "../../../../src/domain/hooks/hook-steps.js";
import { hookStates } from "../../../../src/domain/hooks/hook-states.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";

const commands = {
  ...DEFAULT_SETTINGS.hooks,
  on_create: ["npm ci"],
  on_start: ["start"],
  warm: ["build"],
  maintain: ["clean"],
};
const place = { container: "c1", start: "s1" };

const ran = (hook: keyof typeof commands, change: Partial<HookRun> = {}): HookRun => ({
  id: "abc",
  ...place,
  hash: hashCommands(commands[hook]),
  began: "2026-01-01T00:00:00Z",
  ended: "2026-01-01T00:01:00Z",
  exitCode: 0,
  ...change,
});
const whole: AgentHooks = {
  commands,
  record: { on_create: ran("on_create"), on_start: ran("on_start"), warm: ran("warm") },
  place,
};
const with_ = (hook: "on_create" | "on_start" | "warm", change: Partial<HookRun>): AgentHooks => ({
  ...whole,
  record: { ...whole.record, [hook]: ran(hook, change) },
});
const steps = (hooks: AgentHooks | undefined, change: ContainerChange = "none") =>
  hookSteps(hooks, change).map(({ kind, cause }) => `${kind}: ${cause}`);

describe("the hooks that are due", () => {
  test("none where all have run, and none without commands", () => {
    expect(steps(whole)).toEqual([]);
    expect(steps(undefined, "created")).toEqual([]);
    expect(steps({ ...whole, commands: DEFAULT_SETTINGS.hooks }, "created")).toEqual([]);
  });

  test("in a new container all but maintain, in their order", () => {
    const cause = "its container is new";
    expect(steps(whole, "created")).toEqual([
      `hook.create: ${cause}`,
      `hook.warm: ${cause}`,
      `hook.start: ${cause}`,
    ]);
  });

  test("after a start on_start, and what the stop has cut off", () => {
    const start = "hook.start: its container is started again";
    expect(steps(whole, "started")).toEqual([start]);
    expect(steps(with_("warm", { ended: undefined, exitCode: undefined }), "started")).toEqual([
      "hook.warm: its last run was cut off",
      start,
    ]);
  });

  test("when somebody else has started the container", () => {
    expect(steps({ ...whole, place: { ...place, start: "s2" } })).toEqual([
      "hook.start: its container is started again",
    ]);
  });

  test("in a container that a killed run has made and nobody has started", () => {
    const fresh = { ...whole, place: { container: "c2", start: undefined } };
    expect(steps(fresh, "started").map((step) => step.split(":")[0])).toEqual([
      "hook.create",
      "hook.warm",
      "hook.start",
    ]);
  });

  test.each([
    ["changed", { hash: "other" }, "its commands changed"],
    ["failed", { exitCode: 3 }, "its last run failed with exit code 3"],
    ["slow", { exitCode: undefined }, "its last run did not end in time"],
    ["cut off", { ended: undefined, exitCode: undefined }, "its last run was cut off"],
  ])("again when it was %s", (_, change, cause) => {
    expect(steps(with_("on_create", change))).toEqual([`hook.create: ${cause}`]);
    expect(steps(with_("on_start", change))).toEqual([`hook.start: ${cause}`]);
  });

  test("not in the background: what goes on there goes on, what failed there is left to the user", () => {
    expect(steps(with_("warm", { ended: undefined, exitCode: undefined }))).toEqual([]);
    expect(steps(with_("warm", { exitCode: 1 }))).toEqual([]);
    expect(steps(with_("warm", { hash: "other" }))).toEqual(["hook.warm: its commands changed"]);
  });
});

test("the state of each hook", () => {
  const states = (hooks: AgentHooks) => hookStates(hooks).map(({ hook, state }) => `${hook} ${state}`);
  expect(states(whole)).toEqual(["on_create done", "warm done", "on_start done", "maintain never"]);
  expect(states({ ...whole, record: {} }).slice(0, 3)).toEqual(["on_create due", "warm due", "on_start due"]);
  expect(states(with_("on_create", { exitCode: 1 }))[0]).toBe("on_create failed");
  expect(states(with_("warm", { ended: undefined, exitCode: undefined }))[1]).toBe("warm unfinished");
  const { maintain: _, ...record } = { ...whole.record, maintain: undefined };
  expect(states({ ...whole, record: { ...record, maintain: ran("maintain", { start: "s0" }) } })[3]).toBe(
    "maintain done",
  );
});
