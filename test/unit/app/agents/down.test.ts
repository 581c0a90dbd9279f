import { beforeEach, describe, expect, test } from "vitest";
import { bringDown, type DownRequest } from "../../../../src/app/agents/down.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers, agentStates } from "../../support/containers.js";
import { errorOf } from "../../support/temp.js";
import { oid } from "../../support/things.js";

let world: World;
const signal = new AbortController().signal;

const up = (count: number) =>
  bringUp(world.deps, {
    count,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal,
  });

const down = (selectors: readonly string[] = [], change: Partial<DownRequest> = {}) =>
  bringDown(world.deps, { selectors, host: world.host, dryRun: false, signal, spec: world.spec, ...change });

const states = () => agentStates(world.engine).sort();

beforeEach(async () => {
  world = createWorld();
  await up(3);
});

describe("agent down", () => {
  test("stops all, and leaves everything else", async () => {
    const { agents, outcomes } = await down();
    expect(agents.map(({ name }) => name)).toEqual(["agent-1", "agent-2", "agent-3"]);
    expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(states()).toEqual(["agent-1 exited", "agent-2 exited", "agent-3 exited"]);
    expect(world.git.registered.size).toBe(3);
    expect(world.state.homes.size).toBe(3);
  });

  test("stops those named, once each, and up starts just those again", async () => {
    await down(["agent-2", "2"]);
    expect(states()).toEqual(["agent-1 running", "agent-2 exited", "agent-3 running"]);
    const { plan } = await up(3);
    expect(plan.operations.map(({ id }) => id)).toEqual(["agent-2/container.start", "agent-2/network.seal"]);
  });

  test("again has nothing to do", async () => {
    await down();
    const { plan, outcomes } = await down();
    expect(plan.operations).toEqual([]);
    expect(outcomes).toEqual([]);
  });

  test("brings commits home before it stops", async () => {
    world.commit(agentAt(2), oid("2"));
    const from = world.log.length;
    await down(["2"]);
    expect(world.git.refs.get("refs/heads/agent/agent-2/idle")).toBe(oid("2"));
    const log = world.log.slice(from);
    expect(log.indexOf("fetch /incoming/agent-2")).toBeLessThan(log.indexOf("stop agent-2"));
    expect(log).toContain("stop agent-2");
  });

  test("stops an agent whose commits cannot come home too, and says so: they stay in it", async () => {
    world.commit(agentAt(2), oid("2"));
    world.before = (operation) => {
      if (operation === "fetch") throw new DevkitError("E_GIT", "broken bundle");
    };
    const { outcomes } = await down();
    expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(states()).toContain("agent-2 exited");
    expect(world.progress.warnings.join("\n")).toMatch(/^agent-2: .*broken bundle/);
  });

  test("does not take a defect of ours for that", async () => {
    world.commit(agentAt(2), oid("2"));
    world.before = (operation) => {
      if (operation === "fetch") throw new TypeError("oops");
    };
    const { outcomes } = await down();
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, "E_BUG", undefined]);
    expect(states()).toContain("agent-2 running");
  });

  test("warns of commands that end with it", async () => {
    const first = agentContainers(world.engine).find(({ spec }) => spec.hostname === "agent-1");
    if (first !== undefined) first.execs = 2;
    await down();
    expect(world.progress.warnings).toEqual([expect.stringMatching(/^agent-1: .*2/)]);
    expect(states()).toContain("agent-1 exited");
  });

  test("--dry-run says what it would do and does nothing", async () => {
    const { plan, outcomes } = await down([], { dryRun: true });
    expect(plan.operations).toHaveLength(6);
    expect(outcomes).toEqual([]);
    expect(states()).toEqual(["agent-1 running", "agent-2 running", "agent-3 running"]);
  });

  test("of an agent that does not exist stops none", async () => {
    expect(await errorOf(down(["1", "9"]))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    expect(states()).toContain("agent-1 running");
    expect(world.locks.held.size).toBe(0);
  });

  test("interrupted stops no more", async () => {
    const controller = new AbortController();
    controller.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
    const { outcomes } = await down([], { signal: controller.signal });
    expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(3).fill("E_INTERRUPTED"));
    expect(states()).toEqual(["agent-1 running", "agent-2 running", "agent-3 running"]);
  });
});
