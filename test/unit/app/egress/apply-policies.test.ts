import { beforeEach, describe, expect, test } from "vitest";
import { applyPolicies, type EgressNeeds } from "../../../../src/app/egress/apply-policies.js";
import { parseHostPattern } from "../../../../src/domain/egress/host-pattern.js";
import { createWorld, type World } from "../../fakes/world.js";
import { egressContainers } from "../../support/containers.js";
import { configOf, egressSettings, isApplied, upIn } from "../../support/egress.js";
import { errorOf } from "../../support/temp.js";

let world: World;

beforeEach(async () => {
  world = createWorld();
  await upIn(world, 2, egressSettings({ allow: ["github.com"] }));
});

const apply = (change: Partial<EgressNeeds> = {}) =>
  world.locks.hold("egress", () => applyPolicies({ ...world.deps, ...change }));
const signals = () => world.engine.changes.filter((line) => line.startsWith("signal"));
const written = () => world.log.filter((line) => line.startsWith("egress.config"));

function addRule(host: string): void {
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(host);
  const rule = { action: "allow", pattern: parsed.pattern, agent: "agent-2", until: undefined } as const;
  world.egress.saved = [...world.egress.saved, rule];
}

describe("applying policies", () => {
  test("that are what runs already neither writes nor signals", async () => {
    const before = [signals().length, written().length];
    await apply();
    expect([signals().length, written().length]).toEqual(before);
  });

  test("that have changed writes them, tells the container, and the agent", async () => {
    const before = signals().length;
    addRule("example.com");
    await apply();
    expect(signals()).toHaveLength(before + 1);
    expect(await isApplied(world)).toBe(true);
    expect(configOf(world, "agents/agent-2/allow")).toBe("0 ^example\\.com:443$\n0 ^github\\.com:443$\n");
    expect(configOf(world, "agents/agent-1/allow")).toBe("0 ^github\\.com:443$\n");
    expect(world.egress.policies.get("agent-2")).toContain("example.com");
    expect(world.egress.policies.get("agent-1")).not.toContain("example.com");
  });

  test("that are written but not taken up tells it again: a run was killed in between", async () => {
    addRule("example.com");
    world.before = (operation) => {
      if (operation.startsWith("signal")) throw new Error("killed");
    };
    await expect(apply()).rejects.toThrow("killed");
    world.before = () => undefined;
    expect(await isApplied(world)).toBe(false);
    const before = written().length;
    await apply();
    expect(written()).toHaveLength(before);
    expect(await isApplied(world)).toBe(true);
  });

  test("of an egress that does not run only writes them: it reads them when it starts", async () => {
    const [container] = egressContainers(world.engine);
    await world.engine.stopContainer(container?.id ?? "");
    const before = signals().length;
    addRule("example.com");
    await apply({ patienceMs: 1 });
    expect(signals()).toHaveLength(before);
    expect(configOf(world, "agents/agent-2/allow")).toContain("example");
  });

  test("that the container never takes up is a failure, with where to look", async () => {
    addRule("example.com");
    world.egress.isDeaf = true;
    const error = await errorOf(apply({ patienceMs: 1 }));
    expect(error).toMatchObject({ code: "E_EGRESS", exitCode: 1 });
    expect(error.message).toMatch(/egress does not take the new policy$/);
    expect(error.hint).toContain("devkit logs");
    expect(world.locks.held.size).toBe(0);
  });

  test("that the container cannot serve is a failure with its words, safe to be shown", async () => {
    addRule("example.com");
    world.egress.problem = "agent-2: no address\u001b[31m 10.213.0.10";
    const error = await errorOf(apply());
    expect(error).toMatchObject({ code: "E_EGRESS", exitCode: 1 });
    expect(error.message).toMatch(/egress cannot serve everyone: agent-2: no address·\[31m 10\.213\.0\.10$/);
    expect(error.hint).toContain("devkit up");
    expect(world.locks.held.size).toBe(0);
  });

  test("are not taken for a failure by what the container said of earlier ones", async () => {
    addRule("example.com");
    world.egress.problem = "agent-2: no address";
    await errorOf(apply());
    world.egress.problem = undefined;
    addRule("example.org");
    await apply();
    expect(await isApplied(world)).toBe(true);
    addRule("example.net");
    world.egress.isDeaf = true;
    expect((await errorOf(apply({ patienceMs: 1 }))).message).toMatch(/does not take the new policy$/);
  });

  test("does not take trouble with the engine for that", async () => {
    addRule("example.com");
    world.before = (operation) => {
      if (operation.startsWith("signal")) throw new TypeError("oops");
    };
    await expect(apply({ patienceMs: 1 })).rejects.toThrow("oops");
  });
});
