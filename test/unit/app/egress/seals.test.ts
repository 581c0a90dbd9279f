import { beforeEach, describe, expect, test } from "vitest";
import { describeAgents } from "../../../../src/app/agents/status.js";
import { findSlot, observeEgress } from "../../../../src/app/egress/observe-egress.js";
import { isSealed, sealOf } from "../../../../src/app/egress/seals.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { sealRules } from "../../../../src/domain/egress/seal.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import type { FakeContainer } from "../../fakes/engine.js";
import { createWorld, EGRESS_IMAGE_ID, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";
import { bringUpIn, statusIn, upIn } from "../../support/egress.js";
import { createRandom } from "../../support/random.js";
import { PROJECT, slotFor } from "../../support/things.js";

let world: World;

beforeEach(async () => {
  world = createWorld();
  await upIn(world, 2);
});

const containerOf = (index: number): FakeContainer => {
  const found = agentContainers(world.engine).find(({ spec }) => spec.hostname === agentAt(index).name);
  if (found === undefined) throw new Error(`agent ${String(index)} has no container`);
  return found;
};
const sealed = async (index: number) => {
  const slot = findSlot(await observeEgress(world.deps), agentAt(index));
  return isSealed(world.deps, agentAt(index), containerOf(index), slot);
};
const plan = async (count: number, change = {}) =>
  (await upIn(world, count, undefined, change)).plan.operations.map(({ id }) => id);
/** As `docker restart` does it. */
const restart = async (index: number) => {
  await world.engine.stopContainer(containerOf(index).id);
  await world.engine.startContainer(containerOf(index).id);
};
/** What became of agents' containers, in order: `start agent-1`. */
const changesSince = (from: number) =>
  world.engine.changes
    .slice(from)
    .map((line) => line.replace(`devkit-${PROJECT.id}-`, ""))
    .filter((line) => /^(stop|start|seal|create|remove) agent-\d+$/.test(line));

describe("whether an agent's network is sealed", () => {
  test("is so from its start by devkit until it stops", async () => {
    expect([await sealed(1), await sealed(2)]).toEqual([true, true]);
    await world.engine.stopContainer(containerOf(1).id);
    expect([await sealed(1), await sealed(2)]).toEqual([false, true]);
  });

  test("is not when somebody else has started its container again, though it runs", async () => {
    await restart(1);
    expect(containerOf(1).state).toBe("running");
    expect([await sealed(1), await sealed(2)]).toEqual([false, true]);
  });

  test("is still while it is paused", async () => {
    containerOf(1).state = "paused";
    expect(await sealed(1)).toBe(true);
  });

  test.each<[string, (start: string) => string]>([
    ["another container's", (start) => sealOf("another", start, slotFor(agentAt(1)))],
    ["another start's", () => sealOf(containerOf(1).id, "another", slotFor(agentAt(1)))],
    ["another place", (start) => sealOf(containerOf(1).id, start, slotFor(agentAt(7)))],
    ["an empty one", () => ""],
  ])("is not by what was written down of %s", async (_, seal) => {
    const start = (await world.engine.findStart(containerOf(1).id)) ?? "";
    await world.egress.saveSeal(agentAt(1), seal(start));
    expect(await sealed(1)).toBe(false);
  });

  test("is not when nothing was written down", async () => {
    await world.egress.forgetAgent(agentAt(1));
    expect(await sealed(1)).toBe(false);
  });

  test("shows in agent status as what agent up would do", async () => {
    await restart(1);
    const found = await describeAgents(world.deps, statusIn(world));
    expect(found.map(({ pending }) => pending?.map(({ kind, cause }) => [kind, cause]))).toEqual([
      [["network.seal", "its container was started by somebody else"]],
      [],
    ]);
  });
});

describe("agent up seals", () => {
  test("each network right after its container has started, for its own place and with the egress image", () => {
    for (const index of [1, 2]) {
      const own = changesSince(0).filter((line) => line.endsWith(`agent-${String(index)}`));
      expect(own.map((line) => line.split(" ")[0])).toEqual(["create", "start", "seal"]);
      expect(containerOf(index).seal).toEqual({
        image: EGRESS_IMAGE_ID,
        rules: sealRules(slotFor(agentAt(index))),
        labels: expect.objectContaining({
          [LABELS.project]: PROJECT.id,
          [LABELS.agent]: agentAt(index).name,
        }) as unknown,
      });
    }
  });

  test("for the place that the network has found in the end", async () => {
    world = createWorld();
    // The engine knows of a network that it does not list.
    const { createNetwork } = world.engine;
    world.engine.createNetwork = (spec) =>
      spec.subnet === "10.213.0.0/29" ? Promise.resolve(undefined) : createNetwork(spec);
    await upIn(world, 1);
    const address = [...world.engine.networks.values()]
      .flatMap(({ spec, places }) => (spec.internal ? [...places.values()] : []))
      .find(({ aliases }) => aliases.length > 0)?.address;
    expect(address).not.toBe("10.213.0.2");
    expect(containerOf(1).seal?.rules).toContain(`ip daddr ${address ?? ""} `);
  });

  test("again after each start, and not while it runs", async () => {
    expect(await plan(2)).toEqual([]);
    await world.engine.stopContainer(containerOf(1).id);
    const from = world.engine.changes.length;
    expect(await plan(2)).toEqual(["agent-1/container.start", "agent-1/network.seal"]);
    expect(changesSince(from)).toEqual(["start agent-1", "seal agent-1"]);
    expect([containerOf(1).seal !== undefined, await sealed(1)]).toEqual([true, true]);
    expect(await plan(2)).toEqual([]);
  });

  test("what runs unsealed, without stopping it", async () => {
    await restart(1);
    const from = world.engine.changes.length;
    expect(await plan(2, { dryRun: true })).toEqual(["agent-1/network.seal"]);
    expect(changesSince(from)).toEqual([]);
    expect(await plan(2)).toEqual(["agent-1/network.seal"]);
    expect(changesSince(from)).toEqual(["seal agent-1"]);
    expect(await plan(2)).toEqual([]);
  });

  test("or the agent has failed, and no other; the next one tries again", async () => {
    world = createWorld();
    world.before = (operation, subject) => {
      if (operation === "seal" && subject.endsWith("agent-1"))
        throw new DevkitError("E_EGRESS", "its network cannot be sealed: no nf_tables");
    };
    const { outcomes } = await bringUpIn(world, { count: 2 });
    expect(outcomes.map(({ agent, error }) => [agent.name, error?.code, error?.message])).toEqual([
      ["agent-1", "E_EGRESS", "its network cannot be sealed: no nf_tables"],
      ["agent-2", undefined, undefined],
    ]);
    expect([await sealed(1), await sealed(2)]).toEqual([false, true]);
    world.before = () => undefined;
    expect(await plan(2)).toContain("agent-1/network.seal");
    expect(await sealed(1)).toBe(true);
  });

  test("before it writes down that it has: killed in between, it does so again", async () => {
    await restart(1);
    world.before = (operation) => {
      if (operation === "egress.seal") throw new Error("killed");
    };
    await upIn(world, 2).catch(() => undefined);
    world.before = () => undefined;
    expect(await sealed(1)).toBe(false);
    expect(await plan(2)).toEqual(["agent-1/network.seal"]);
  });

  test("everything that runs, killed at any operation and run again", async () => {
    const random = createRandom(11);
    for (let round = 0; round < 30; round += 1) {
      world = createWorld();
      if (random.chance(0.5)) await upIn(world, 2);
      let left = random.int(60);
      world.before = () => {
        left -= 1;
        if (left < 0) throw new Error("killed");
      };
      await upIn(world, 3).catch(() => undefined);
      world.before = () => undefined;
      await upIn(world, 3);
      for (const index of [1, 2, 3])
        expect([await sealed(index), containerOf(index).seal !== undefined]).toEqual([true, true]);
    }
  });
});
