import { beforeEach, describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { formatBlock, type RegisteredBlock } from "../../../../src/domain/ports/block.js";
import { DEFAULT_SETTINGS, type PortSettings } from "../../../../src/domain/settings/settings.js";
import { assignBlocks, freeBlock } from "../../../../src/app/ports/assign-blocks.js";
import { createWorld, type World } from "../../fakes/world.js";
import { upIn } from "../../support/egress.js";
import { PROJECT } from "../../support/things.js";

let world: World;

beforeEach(() => {
  world = createWorld();
});

const withPorts = (ports: Partial<PortSettings>) => ({
  ...DEFAULT_SETTINGS,
  ports: { ...DEFAULT_SETTINGS.ports, ...ports },
});

const assign = async (indexes: readonly number[], ports: Partial<PortSettings> = {}, dryRun = false) => {
  const agents = indexes.map((index) => agentAt(index));
  const settingsOf = () => withPorts(ports);
  const blockOf = await assignBlocks(world.deps, { agents, settingsOf, host: world.host, dryRun });
  return agents.map((agent) => formatBlock(blockOf(agent) ?? { first: 0, size: 1 }));
};

const foreign = (first: number, change: Partial<RegisteredBlock> = {}): RegisteredBlock => ({
  ...{ first, size: 10, project: "other-1", agent: "agent-1", root: "/src/other" },
  ...change,
});

describe("each agent gets a block of its own", () => {
  test("that it keeps, whoever comes and goes", async () => {
    expect(await assign([1, 2, 3])).toEqual(["20000-20009", "20010-20019", "20020-20029"]);
    await freeBlock(world.deps, agentAt(2));
    expect(await assign([3, 1])).toEqual(["20020-20029", "20000-20009"]);
    expect(await assign([4, 2])).toEqual(["20010-20019", "20030-20039"]);
  });

  test("and none of another project's, unless that is gone", async () => {
    world.ports.blocks = [foreign(20_000), foreign(20_010, { project: "gone-1", root: "/src/gone" })];
    world.host.isGone = (root) => Promise.resolve(root === "/src/gone");
    expect(await assign([1])).toEqual(["20010-20019"]);
    expect(world.ports.blocks.map(({ project }) => project)).toEqual(["other-1", PROJECT.id]);
  });

  test("which a dry run only names", async () => {
    expect(await assign([1, 2], {}, true)).toEqual(["20000-20009", "20010-20019"]);
    expect(world.ports.blocks).toEqual([]);
  });

  test("of which the ports that are published are no other program's", async () => {
    world.ports.used.add(20_001).add(20_012);
    expect(await assign([1], { publish: ["3000", "5173"] })).toEqual(["20010-20019"]);
    expect(await assign([2])).toEqual(["20000-20009"]);
  });

  test("writes nothing when all is assigned", async () => {
    await assign([1, 2]);
    const before = world.ports.blocks;
    world.log.splice(0);
    await assign([1, 2]);
    expect(world.ports.blocks).toBe(before);
    expect(world.log).not.toContain("ports.change ");
  });
});

describe("other settings", () => {
  test("take away only what does not fit them, and say so", async () => {
    await assign([1, 2]);
    expect(await assign([1, 2], { block: 5 })).toEqual(["20000-20009", "20010-20019"]);
    expect(world.progress.warnings).toEqual([]);
    expect(await assign([1], { base: 30_000 })).toEqual(["30000-30009"]);
    expect(await assign([2], { block: 20 })).toEqual(["20000-20019"]);
    expect(world.progress.warnings).toEqual([
      "agent-1 gets other ports: 20000-20009 are below 30000",
      "agent-2 gets other ports: 20010-20019 are fewer than 20 ports",
    ]);
  });

  test("that publish more than a block has are refused", async () => {
    await expect(assign([1], { block: 1, publish: ["1", "2", "2"] })).rejects.toMatchObject({
      code: "E_PORT_BLOCK",
      hint: expect.stringContaining("block = 2") as unknown,
    });
  });

  test("under which nothing is free are an error", async () => {
    world.ports.blocks = [foreign(65_530, { size: 6 })];
    await expect(assign([1], { base: 65_530, block: 6 })).rejects.toMatchObject({ code: "E_NO_PORTS" });
  });
});

describe("a registry that is lost", () => {
  test("takes no ports from those whose containers carry them, nor gives them to others", async () => {
    await upIn(world, 2);
    world.ports.blocks = [];
    const others = createWorld();
    others.deps.engine.listContainers = world.deps.engine.listContainers;
    const settingsOf = () => DEFAULT_SETTINGS;
    const project = { ...PROJECT, id: "other-1", root: "/src/other" };
    const request = { agents: [agentAt(1)], settingsOf, host: world.host, dryRun: false };
    const blockOf = await assignBlocks({ ...others.deps, project, ports: world.ports }, request);
    expect(formatBlock(blockOf(agentAt(1)) ?? { first: 0, size: 1 })).toBe("20020-20029");
    expect(await assign([2, 1])).toEqual(["20010-20019", "20000-20009"]);
    expect((await upIn(world, 2)).plan.operations).toEqual([]);
  });
});
