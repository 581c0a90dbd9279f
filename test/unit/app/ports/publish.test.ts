import { beforeEach, describe, expect, test } from "vitest";
import { bringDown } from "../../../../src/app/agents/down.js";
import { listPorts } from "../../../../src/app/ports/list-ports.js";
import { releasePorts } from "../../../../src/app/ports/release-ports.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../../src/domain/settings/settings.js";
import type { FakeContainer } from "../../fakes/engine.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";
import { bringUpIn, upIn } from "../../support/egress.js";
import { createRandom } from "../../support/random.js";

let world: World;

const publishing = (...publish: string[]): Settings => ({
  ...DEFAULT_SETTINGS,
  ports: { ...DEFAULT_SETTINGS.ports, publish },
});
const WEB = publishing("3000", "5173");

beforeEach(() => {
  world = createWorld();
});

const halves = (role: "ports" | "ports-inside"): FakeContainer[] =>
  [...world.engine.containers.values()].filter(({ spec }) => spec.labels[LABELS.role] === role);
const steps = async (count: number, settings: Settings, change = {}) =>
  (await upIn(world, count, settings, change)).plan.operations
    .filter(({ kind }) => kind.startsWith("ports."))
    .map(({ id, cause }) => [id, cause]);
const listed = async (settings: Settings) => {
  const found = await listPorts(world.deps, { settingsOf: () => settings, host: world.host }, []);
  return found.flatMap(({ agent, published }) =>
    published.map(({ inside, host, state }) => [agent.name, inside, host, state].join(" ")),
  );
};
const down = (...selectors: string[]) =>
  bringDown(world.deps, {
    ...{ selectors, host: world.host, dryRun: false, spec: world.spec },
    signal: new AbortController().signal,
  });

describe("agent up publishes", () => {
  test("by one half in the host's network and one in the agent's, with nothing but their sockets", async () => {
    await upIn(world, 1, WEB);
    const [agent] = agentContainers(world.engine);
    const [outside, inside] = [halves("ports")[0]?.spec, halves("ports-inside")[0]?.spec];
    expect([outside?.network?.name, inside?.network?.name]).toEqual(["host", `container:${agent?.id ?? ""}`]);
    expect(outside?.command.slice(2)).toEqual(["outside", "20000=3000", "20001=5173"]);
    expect(inside?.command.slice(2)).toEqual(["inside", "3000", "5173"]);
    for (const spec of [outside, inside]) {
      expect(spec?.mounts.map(({ containerPath }) => containerPath)).toEqual(["/devkit/ports"]);
      expect([spec?.readOnlyRoot, spec?.user]).toEqual([true, "1000:1000"]);
    }
    expect(agent?.spec.mounts.some(({ hostPath }) => outside?.mounts[0]?.hostPath.startsWith(hostPath))).toBe(
      false,
    );
  });

  test("last, for each agent at its own block, and once", async () => {
    expect(await steps(2, WEB)).toEqual([
      ["agent-1/ports.publish", "its container has just been started"],
      ["agent-2/ports.publish", "its container has just been started"],
    ]);
    expect(await steps(2, WEB)).toEqual([]);
    expect(await listed(WEB)).toEqual([
      "agent-1 3000 20000 open",
      "agent-1 5173 20001 open",
      "agent-2 3000 20010 open",
      "agent-2 5173 20011 open",
    ]);
  });

  test("nothing where nothing is to be", async () => {
    await upIn(world, 2);
    expect([...halves("ports"), ...halves("ports-inside")]).toEqual([]);
  });

  test("what the settings say now, without touching the agent", async () => {
    await upIn(world, 1, WEB);
    const [agent] = agentContainers(world.engine);
    expect(await steps(1, publishing("8080"), { dryRun: true })).toEqual([
      ["agent-1/ports.publish", "publishes 8080 at 20000 instead of 3000 at 20000, 5173 at 20001"],
    ]);
    expect(await steps(1, publishing("8080"))).toHaveLength(1);
    expect(await listed(publishing("8080"))).toEqual(["agent-1 8080 20000 open"]);
    expect(await steps(1, publishing())).toEqual([["agent-1/ports.withdraw", "it publishes nothing"]]);
    expect([...halves("ports"), ...halves("ports-inside")]).toEqual([]);
    expect(agentContainers(world.engine)[0]).toBe(agent);
    expect(agent?.starts).toBe(1);
  });

  test.each(["ports", "ports-inside"] as const)("again when what forwards has died: %s", async (role) => {
    await upIn(world, 1, WEB);
    await world.engine.stopContainer(halves(role)[0]?.id ?? "");
    expect(await listed(WEB)).toEqual(["agent-1 3000 20000 closed", "agent-1 5173 20001 closed"]);
    expect(await steps(1, WEB)).toEqual([["agent-1/ports.publish", "what forwards its ports is exited"]]);
    expect(await listed(WEB)).toContain("agent-1 3000 20000 open");
    await world.engine.removeContainer(halves(role)[0]?.id ?? "");
    expect(await steps(1, WEB)).toEqual([["agent-1/ports.publish", "nothing forwards its ports"]]);
  });

  test("again when somebody else has started the agent, whose network is another one since", async () => {
    await upIn(world, 1, WEB);
    const id = agentContainers(world.engine)[0]?.id ?? "";
    await world.engine.stopContainer(id);
    await world.engine.startContainer(id);
    expect(await listed(WEB)).toContain("agent-1 3000 20000 closed");
    expect(await steps(1, WEB)).toEqual([
      ["agent-1/ports.publish", "its container was started by somebody else"],
    ]);
    expect(await steps(1, WEB)).toEqual([]);
  });

  test("killed at any operation and run again, with every change of the settings", async () => {
    const random = createRandom(7);
    for (let round = 0; round < 25; round += 1) {
      world = createWorld();
      if (random.chance(0.6)) await upIn(world, 2, random.pick([WEB, publishing("1")]));
      let left = random.int(70);
      world.before = () => {
        left -= 1;
        if (left < 0) throw new Error("killed");
      };
      await upIn(world, 2, random.pick([WEB, publishing()])).catch(() => undefined);
      world.before = () => undefined;
      await upIn(world, 2, WEB);
      expect((await listed(WEB)).filter((line) => line.endsWith(" open"))).toHaveLength(4);
      expect(await steps(2, WEB)).toEqual([]);
    }
  });
});

describe("a port that another program has", () => {
  test("is an error that names it, and the agent is up all the same", async () => {
    await upIn(world, 1);
    world.ports.used.add(20_001);
    const { outcomes } = await bringUpIn(world, { count: 1, settings: WEB });
    expect(outcomes[0]?.error).toMatchObject({
      code: "E_PORT_TAKEN",
      details: { inside: 5173, host: 20_001 },
    });
    expect(outcomes[0]?.error?.message).toContain("port 20001");
    expect(agentContainers(world.engine)[0]?.state).toBe("running");
    expect(await listed(WEB)).toEqual(["agent-1 3000 20000 open", "agent-1 5173 20001 taken"]);
    const again = await bringUpIn(world, { count: 1, settings: WEB });
    expect(again.plan.operations.map(({ cause }) => cause)).toEqual(["another program has port 20001"]);
  });

  test("is not what is wrong where the engine has another network than this machine", async () => {
    world.ports.isElsewhere = true;
    const { outcomes } = await bringUpIn(world, { count: 1, settings: WEB });
    expect(outcomes[0]?.error?.code).toBe("E_PORTS");
  });
});

describe("ports are withdrawn", () => {
  test("by agent down, and stay the agent's", async () => {
    await upIn(world, 2, WEB);
    await down("1");
    expect(halves("ports").map(({ spec }) => spec.labels[LABELS.agent])).toEqual(["agent-2"]);
    expect(await listed(WEB)).toContain("agent-1 3000 20000 closed");
    await upIn(world, 2, WEB);
    expect(await listed(WEB)).toContain("agent-1 3000 20000 open");
  });

  test("by agent down when only they were left", async () => {
    await upIn(world, 1, WEB);
    await world.engine.stopContainer(agentContainers(world.engine)[0]?.id ?? "");
    const { plan } = await down();
    expect(plan.operations.map(({ kind }) => kind)).toEqual(["ports.withdraw"]);
    expect([...halves("ports"), ...halves("ports-inside")]).toEqual([]);
  });

  test("with the agent, whose block is free then, also when the registry cannot be read", async () => {
    await upIn(world, 2, WEB);
    await releasePorts(world.deps, agentAt(1));
    expect(world.ports.blocks.map(({ agent }) => agent)).toEqual(["agent-2"]);
    world.ports.broken = new DevkitError("E_PORT_REGISTRY", "/state/devkit/ports.json cannot be read");
    await releasePorts(world.deps, agentAt(2));
    expect([...halves("ports"), ...halves("ports-inside")]).toEqual([]);
    expect(world.progress.warnings.join()).toContain("ports.json cannot be read");
  });
});

test("a registry that cannot be read stops agent up, and nobody who only looks", async () => {
  await upIn(world, 1, WEB);
  world.ports.broken = new DevkitError("E_PORT_REGISTRY", "/state/devkit/ports.json cannot be read");
  await expect(upIn(world, 1, WEB)).rejects.toMatchObject({ code: "E_PORT_REGISTRY" });
  expect(await listed(WEB)).toEqual([]);
  expect(world.progress.warnings).toEqual(["/state/devkit/ports.json cannot be read"]);
});
