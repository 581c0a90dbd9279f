import { beforeEach, describe, expect, test } from "vitest";
import { removeNetworks } from "../../../../src/app/egress/remove-networks.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers, egressContainers } from "../../support/containers.js";
import { configOf, egressSettings, isApplied, networksIn, serversOf, upIn } from "../../support/egress.js";
import { createRandom } from "../../support/random.js";

let world: World;

beforeEach(async () => {
  world = createWorld();
  await upIn(world, 2);
});

/** As a removal does: the agent's container is gone by then. */
async function remove(index: number): Promise<void> {
  const own = agentContainers(world.engine).filter(({ spec }) => spec.hostname === `agent-${String(index)}`);
  for (const { id } of own) await world.engine.removeContainer(id);
  await removeNetworks(world.deps, agentAt(index));
}

describe("removing an agent's network", () => {
  test("leaves the others theirs, and tells their egress", async () => {
    await remove(1);
    expect(networksIn(world)).toEqual(["agent-2 10.213.0.8/29", "egress-out 10.213.0.16/29"]);
    expect(serversOf(world, 2)).toEqual(["egress"]);
    expect(configOf(world, "agents/agent-1/address")).toBeUndefined();
    expect(configOf(world, "agents/agent-2/address")).toBe("10.213.0.10\n");
    expect(await isApplied(world)).toBe(true);
  });

  test("forgets its profiles, its rules and its policy", async () => {
    const pattern = { host: "crates.example", wildcard: false };
    world.egress.saved = [agentAt(1).name, agentAt(2).name, undefined].map((agent) => ({
      ...{ action: "allow", pattern, agent, until: undefined },
    }));
    await remove(1);
    expect([...world.egress.policies.keys()]).toEqual(["agent-2"]);
    expect([...world.egress.memory.profiles.keys()]).toEqual(["agent-2"]);
    expect(world.egress.saved.map(({ agent }) => agent)).toEqual(["agent-2", undefined]);
  });

  test("of the last agent takes along what all shared", async () => {
    await remove(1);
    await remove(2);
    expect(networksIn(world)).toEqual([]);
    expect(egressContainers(world.engine)).toEqual([]);
  });

  test("again is no failure, and changes nothing for the others", async () => {
    await remove(1);
    const before = world.engine.changes.length;
    await remove(1);
    expect(world.engine.changes).toHaveLength(before);
    await remove(2);
    await remove(2);
    expect(networksIn(world)).toEqual([]);
  });

  test("of a hardened one takes its own egress, its way out and its configuration", async () => {
    await upIn(world, 1, egressSettings({}, ["hardened"]));
    await remove(1);
    expect(networksIn(world)).toEqual(["agent-2 10.213.0.8/29", "egress-out 10.213.0.16/29"]);
    expect(egressContainers(world.engine)).toHaveLength(1);
    expect(configOf(world, "generation", 1)).toBeUndefined();
    expect(serversOf(world, 2)).toEqual(["egress"]);
  });

  test("takes copies of its network along, and those of others not", async () => {
    const all = [...world.engine.networks.values()].filter(({ spec }) => spec.internal);
    for (const [position, { spec }] of all.entries())
      await world.engine.createNetwork({ ...spec, subnet: `10.213.9.${String(position * 8)}/29` });
    await remove(1);
    expect(networksIn(world).map((line) => line.split(" ")[0])).toEqual(["agent-2", "agent-2", "egress-out"]);
  });

  test("killed anywhere and done again leaves nothing of it", async () => {
    const random = createRandom(3);
    for (let round = 0; round < 30; round += 1) {
      world = createWorld();
      await upIn(world, 2, egressSettings({}, random.chance(0.5) ? ["hardened"] : []));
      let left = random.int(12);
      world.before = () => {
        left -= 1;
        if (left < 0) throw new Error("killed");
      };
      await remove(1).catch(() => undefined);
      world.before = () => undefined;
      await remove(1);
      expect(networksIn(world).filter((name) => name.startsWith("agent-1"))).toEqual([]);
      expect(serversOf(world, 2)).toHaveLength(1);
      await remove(2);
      expect([networksIn(world), egressContainers(world.engine)]).toEqual([[], []]);
    }
  });
});
