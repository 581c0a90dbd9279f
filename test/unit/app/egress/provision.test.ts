import { beforeEach, describe, expect, test } from "vitest";
import { stopStack } from "../../../../src/app/egress/stack.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { parseCidr } from "../../../../src/domain/egress/cidr.js";
import { LABELS, networkName } from "../../../../src/domain/identity/names.js";
import { createWorld, EGRESS_IMAGE_ID, type World } from "../../fakes/world.js";
import { agentStates, egressContainers } from "../../support/containers.js";
import {
  bringUpIn,
  configOf,
  egressSettings,
  isApplied,
  networksIn,
  serversOf,
  upIn,
} from "../../support/egress.js";
import { createRandom } from "../../support/random.js";
import { errorOf } from "../../support/temp.js";
import { PROJECT } from "../../support/things.js";

const HARDENED = egressSettings({}, ["hardened"]);

let world: World;

beforeEach(() => {
  world = createWorld();
});

const kinds = ({ plan }: Awaited<ReturnType<typeof upIn>>) => plan.operations.map(({ id }) => id);
const changesSince = (from: number) => world.engine.changes.slice(from);
const shared = () =>
  egressContainers(world.engine).filter(({ spec }) => spec.name.endsWith(`${PROJECT.id}-egress`));
const names = () =>
  egressContainers(world.engine).map(({ spec }) => spec.name.replace(`devkit-${PROJECT.id}-`, ""));
/** Somebody else's network, which takes addresses. */
const occupy = (subnet: string) =>
  world.engine.createNetwork({ name: `of somebody else ${subnet}`, subnet, internal: false, labels: {} });
const route = (subnet: string) => {
  const cidr = parseCidr(subnet);
  if (cidr !== undefined) world.egress.hostRoutes.push(cidr);
};

describe("agent up", () => {
  test("gives each agent a network of its own, and all of them one egress", async () => {
    await upIn(world, 3);
    expect(networksIn(world)).toEqual([
      "agent-1 10.213.0.0/29",
      "agent-2 10.213.0.8/29",
      "agent-3 10.213.0.16/29",
      "egress-out 10.213.0.24/29",
    ]);
    expect([1, 2, 3].map((index) => serversOf(world, index))).toEqual(Array(3).fill(["egress"]));
    expect(await isApplied(world)).toBe(true);
    const networks = [...world.engine.networks.values()];
    expect(
      networks.filter(({ spec }) => !spec.internal).map(({ spec }) => spec.labels[LABELS.agent]),
    ).toEqual([undefined]);
  });

  test("has the egress at the place that agents ask, and tells it whom it serves", async () => {
    await upIn(world, 2);
    const name = networkName(PROJECT, agentAt(2));
    const network = [...world.engine.networks.values()].find(({ spec }) => spec.name === name);
    expect([...(network?.places.values() ?? [])]).toContainEqual({
      address: "10.213.0.10",
      aliases: ["tinyproxy"],
    });
    expect(configOf(world, "agents/agent-2/address")).toBe("10.213.0.10\n");
    expect(configOf(world, "agents/agent-2/client")).toBe("10.213.0.8/29\n");
    expect(configOf(world, "resolver")).toContain("192.0.2.10");
  });

  test("again changes nothing, signals nothing and writes nothing", async () => {
    await upIn(world, 3, egressSettings({ allow: ["github.com"] }));
    const [from, log] = [world.engine.changes.length, world.log.length];
    const again = await upIn(world, 3, egressSettings({ allow: ["github.com"] }));
    expect(kinds(again)).toEqual([]);
    expect(changesSince(from)).toEqual([]);
    expect(world.log.slice(log).filter((line) => line.startsWith("egress.config"))).toEqual([]);
  });

  test("for more agents tells the running egress of them, and leaves the others alone", async () => {
    await upIn(world, 2);
    const [container] = shared();
    const from = world.engine.changes.length;
    await upIn(world, 3);
    expect(shared()).toEqual([container]);
    expect(changesSince(from).filter((line) => /agent-[12]$/.test(line))).toEqual([]);
    expect(changesSince(from).filter((line) => /^signal .*-egress$/.test(line))).toHaveLength(1);
    expect(serversOf(world, 3)).toEqual(["egress"]);
    expect(await isApplied(world)).toBe(true);
  });

  test("--dry-run says why egress has to start, and changes nothing", async () => {
    const result = await upIn(world, 2, undefined, { dryRun: true });
    expect(result.egressCause).toBe("there is none");
    expect(world.engine.changes).toEqual([]);
    expect([
      world.egress.configs.size,
      world.egress.policies.size,
      world.egress.memory.profiles.size,
    ]).toEqual([0, 0, 0]);
    await upIn(world, 2);
    expect((await upIn(world, 2, undefined, { dryRun: true })).egressCause).toBeUndefined();
  });

  test("starts an egress that was stopped, and says so before", async () => {
    await upIn(world, 2);
    await world.engine.stopContainer(shared()[0]?.id ?? "");
    expect((await upIn(world, 2, undefined, { dryRun: true })).egressCause).toBe("it is exited");
    const from = world.engine.changes.length;
    await upIn(world, 2);
    expect(changesSince(from)).toEqual([`start devkit-${PROJECT.id}-egress`]);
  });

  test("makes an egress anew that died before a network of its went: the engine would not start it", async () => {
    await upIn(world, 2);
    const [dead] = shared();
    await world.engine.stopContainer(dead?.id ?? "");
    const network = [...world.engine.networks.values()].find(({ spec }) => spec.name.endsWith("agent-2"));
    await world.engine.removeNetwork(network?.id ?? "");
    await upIn(world, 1);
    expect(shared().map(({ id, state }) => [id === dead?.id, state])).toEqual([[false, "running"]]);
    expect(serversOf(world, 1)).toEqual(["egress"]);
  });

  test("builds its image on the agents' base when it is not there", async () => {
    for (const name of world.engine.images.keys())
      if (name.startsWith("devkit-egress:")) world.engine.images.delete(name);
    await upIn(world, 1);
    expect(world.engine.changes[0]).toMatch(/^build devkit-egress:/);
    expect(serversOf(world, 1)).toEqual(["egress"]);
  });

  test("replaces an egress whose image is another now, and puts it back on every network", async () => {
    await upIn(world, 2);
    const [before] = shared();
    const [tag = ""] = [...world.engine.images].find(([, { id }]) => id === EGRESS_IMAGE_ID) ?? [];
    const image = world.engine.images.get(tag);
    if (image !== undefined) world.engine.images.set(tag, { ...image, id: `sha256:${"f".repeat(64)}` });
    const result = await upIn(world, 2);
    expect(kinds(result)).toEqual(["agent-1/network.attach", "agent-2/network.attach"]);
    expect(shared()).toHaveLength(1);
    expect(shared()[0]?.id).not.toBe(before?.id);
    expect([1, 2].map((index) => serversOf(world, index))).toEqual([["egress"], ["egress"]]);
    expect(agentStates(world.engine)).toEqual(["agent-1 running", "agent-2 running"]);
    expect(kinds(await upIn(world, 2))).toEqual([]);
  });

  test("replaces an egress whose way out is gone", async () => {
    await upIn(world, 1);
    const out = [...world.engine.networks.values()].find(({ spec }) => spec.name.endsWith("egress-out"));
    await world.engine.removeNetwork(out?.id ?? "");
    expect((await upIn(world, 1, undefined, { dryRun: true })).egressCause).toBe("its way out is gone");
    await upIn(world, 1);
    expect(serversOf(world, 1)).toEqual(["egress"]);
    expect(networksIn(world)).toHaveLength(2);
    expect(kinds(await upIn(world, 1))).toEqual([]);
  });

  test("removes copies of a network that a killed run has left", async () => {
    await upIn(world, 1);
    const own = [...world.engine.networks.values()].find(({ spec }) => spec.internal);
    if (own === undefined) throw new Error("there is no network");
    await world.engine.createNetwork({ ...own.spec, subnet: "10.213.9.0/29" });
    await upIn(world, 1);
    expect(networksIn(world)).toEqual(["agent-1 10.213.0.0/29", "egress-out 10.213.0.8/29"]);
  });
});

describe("the place of a network", () => {
  test("is another one when the engine says that the first overlaps", async () => {
    // The engine knows of a network that it does not list.
    const { createNetwork } = world.engine;
    world.engine.createNetwork = (spec) =>
      spec.subnet === "10.213.0.0/29" ? Promise.resolve(undefined) : createNetwork(spec);
    await upIn(world, 1);
    const [own] = networksIn(world);
    expect(own).not.toBe("agent-1 10.213.0.0/29");
    expect(serversOf(world, 1)).toEqual(["egress"]);
    // What was decided before is not what the egress is told in the end.
    expect(`agent-1 ${configOf(world, "agents/agent-1/client")?.trim() ?? ""}`).toBe(own);
    expect(kinds(await upIn(world, 1))).toEqual([]);
  });

  test("is none that somebody else's network or this machine's routes have", async () => {
    await occupy("10.213.0.0/28");
    route("10.213.0.16/28");
    await upIn(world, 1);
    expect(networksIn(world)).toContain("agent-1 10.213.0.32/29");
  });

  test("changes when this machine has a route there now: the container moves too", async () => {
    await upIn(world, 2);
    route("10.213.0.0/29");
    const result = await upIn(world, 2);
    expect(kinds(result)).toEqual(
      [
        "container.remove",
        "network.remove",
        "network.create",
        "network.attach",
        "container.create",
        "container.start",
        "network.seal",
      ].map((kind) => `agent-1/${kind}`),
    );
    expect(networksIn(world)[0]).toBe("agent-1 10.213.0.24/29");
    expect(serversOf(world, 1)).toEqual(["egress"]);
    expect(configOf(world, "agents/agent-1/address")).toBe("10.213.0.26\n");
    expect(kinds(await upIn(world, 2))).toEqual([]);
  });

  test("of a pool that is used up is none: the failure says what to do", async () => {
    const settings = egressSettings({ pool: "10.213.0.0/26" });
    await occupy("10.213.0.0/27");
    await occupy("10.213.0.32/28");
    await occupy("10.213.0.48/29");
    const error = await errorOf(upIn(world, 2, settings));
    expect(error).toMatchObject({ code: "E_NO_SUBNET", details: { pool: "10.213.0.0/26" } });
    expect(error.hint).toContain("pool =");
  });
});

describe("hardened agents", () => {
  test("have an egress of their own, which nobody else is on", async () => {
    await upIn(world, 2, HARDENED);
    expect(names().sort()).toEqual(["agent-1-egress", "agent-2-egress"]);
    expect([1, 2].map((index) => serversOf(world, index))).toEqual([["agent-1-egress"], ["agent-2-egress"]]);
    expect([await isApplied(world, 1), await isApplied(world, 2)]).toEqual([true, true]);
    expect(configOf(world, "agents/agent-1/address", 2)).toBeUndefined();
  });

  test("do so from the next agent up on, and the shared one stays for the others", async () => {
    await upIn(world, 2);
    await upIn(world, 1, HARDENED);
    expect(names().sort()).toEqual(["agent-1-egress", "egress"]);
    expect([1, 2].map((index) => serversOf(world, index))).toEqual([["agent-1-egress"], ["egress"]]);
    expect(configOf(world, "agents/agent-1/address")).toBeUndefined();
    expect(configOf(world, "agents/agent-1/address", 1)).toBe("10.213.0.2\n");
    expect([await isApplied(world), await isApplied(world, 1)]).toEqual([true, true]);
  });

  test("and back: what is no longer needed goes, its way out too", async () => {
    await upIn(world, 2, HARDENED);
    await upIn(world, 2);
    expect(names()).toEqual(["egress"]);
    expect([1, 2].map((index) => serversOf(world, index))).toEqual([["egress"], ["egress"]]);
    expect(networksIn(world).filter((name) => name.includes("out"))).toHaveLength(1);
    expect(kinds(await upIn(world, 2))).toEqual([]);
    await upIn(world, 2, HARDENED);
    expect(names().sort()).toEqual(["agent-1-egress", "agent-2-egress"]);
    expect(networksIn(world).filter((name) => name.includes("out"))).toHaveLength(2);
  });
});

describe("an egress that does not start", () => {
  beforeEach(() => upIn(world, 3));

  test("keeps its own agent from coming up, and no other: what they may reach is in force", async () => {
    world.before = (operation, subject) => {
      if (operation === "create" && subject.endsWith("agent-1-egress"))
        throw new DevkitError("E_ENGINE", "broken");
    };
    const request = { count: 1, settings: egressSettings({ allow: ["crates.example"] }, ["hardened"]) };
    const { outcomes } = await bringUpIn(world, request);
    expect(outcomes.map(({ agent, error }) => [agent.name, error?.message])).toEqual([["agent-1", "broken"]]);
    expect(configOf(world, "agents/agent-2/allow")).toContain("crates");
    expect(await isApplied(world)).toBe(true);
  });

  test("is the failure of the whole where no agent has one", async () => {
    await stopStack(world.deps);
    world.before = (operation) => {
      if (operation === "start") throw new DevkitError("E_ENGINE", "broken");
    };
    expect((await errorOf(bringUpIn(world, { count: 3 }))).message).toBe("broken");
  });
});

test("agent up, killed at any operation and run again: each agent is served by one egress, which knows all", async () => {
  const random = createRandom(7);
  for (let round = 0; round < 40; round += 1) {
    world = createWorld();
    if (random.chance(0.5)) await upIn(world, 2, random.pick([undefined, HARDENED]));
    const settings = random.pick([egressSettings({}), HARDENED]);
    let left = random.int(70);
    world.before = () => {
      left -= 1;
      if (left < 0) throw new Error("killed");
    };
    await upIn(world, 3, settings).catch(() => undefined);
    world.before = () => undefined;
    await upIn(world, 3, settings);
    const isHardened = settings === HARDENED;
    for (const index of [1, 2, 3]) {
      expect(serversOf(world, index)).toEqual([isHardened ? `agent-${String(index)}-egress` : "egress"]);
      expect(await isApplied(world, isHardened ? index : undefined)).toBe(true);
    }
    expect(networksIn(world)).toHaveLength(isHardened ? 6 : 4);
    expect(kinds(await upIn(world, 3, settings))).toEqual([]);
  }
});
