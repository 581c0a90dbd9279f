import { beforeEach, describe, expect, test } from "vitest";
import { findEgressTrouble } from "../../../../src/app/egress/find-trouble.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { egressPaths } from "../../../../src/domain/identity/project.js";
import { networkName } from "../../../../src/domain/identity/names.js";
import { createWorld, type World } from "../../fakes/world.js";
import { egressContainers } from "../../support/containers.js";
import { egressSettings, upIn } from "../../support/egress.js";
import { PROJECT } from "../../support/things.js";

const SHARED = `devkit-${PROJECT.id}-egress`;
const OWN = `devkit-${PROJECT.id}-agent-1-egress`;

let world: World;

/** Agent 1 with an egress of its own, 2 and 3 with the shared one. */
beforeEach(async () => {
  world = createWorld();
  await upIn(world, 3);
  await upIn(world, 1, egressSettings({}, ["hardened"]));
});

const trouble = () => findEgressTrouble(world.deps);
const idOf = (name: string) =>
  egressContainers(world.engine).find(({ spec }) => spec.name === name)?.id ?? "";

describe("trouble with egress", () => {
  test("is none where every agent is served, and where there is no agent", async () => {
    expect(await trouble()).toBeUndefined();
    expect(await findEgressTrouble(createWorld().deps)).toBeUndefined();
  });

  test("is a container that does not run: of the first agent that it serves", async () => {
    await world.engine.stopContainer(idOf(SHARED));
    expect(await trouble()).toEqual({
      found: "agent-2 reaches nothing: its egress container is exited",
      fix: "devkit up",
    });
    await world.engine.stopContainer(idOf(OWN));
    expect((await trouble())?.found).toBe("agent-1 reaches nothing: its egress container is exited");
  });

  test("is a container that is gone: the shared one does not stand in for an agent's own", async () => {
    await world.engine.removeContainer(idOf(OWN));
    expect(await trouble()).toEqual({
      found: "agent-1 reaches nothing: its egress container is gone",
      fix: "devkit up",
    });
  });

  test("is a container that is not on the agent's network", async () => {
    const name = networkName(PROJECT, agentAt(3));
    const network = [...world.engine.networks.values()].find(({ spec }) => spec.name === name);
    await world.engine.detach(network?.id ?? "", idOf(SHARED));
    expect(await trouble()).toEqual({
      found: "agent-3 reaches nothing: its egress is not on its network",
      fix: "devkit up",
    });
  });

  test.each([
    ["the shared one", SHARED, undefined],
    ["an agent's own", OWN, agentAt(1)],
  ])("is a policy that was written and not taken up: %s", async (_, name, owner) => {
    await world.egress.writeConfig(egressPaths(PROJECT, owner), new Map([["generation", "another\n"]]));
    expect(await trouble()).toEqual({
      found: `${name} does not run with the policy that was written last`,
      fix: "devkit restart",
    });
  });

  test("is mended by agent up, and looking for it changes nothing", async () => {
    await world.engine.removeContainer(idOf(OWN));
    await world.engine.stopContainer(idOf(SHARED));
    const [changes, log] = [world.engine.changes.length, world.log.length];
    await trouble();
    expect(world.engine.changes).toHaveLength(changes);
    expect(world.log.slice(log).filter((line) => line.startsWith("egress."))).toEqual([]);
    await upIn(world, 3);
    expect(await trouble()).toBeUndefined();
  });
});
