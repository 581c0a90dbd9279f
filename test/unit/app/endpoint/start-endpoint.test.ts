import { beforeEach, describe, expect, test } from "vitest";
import { findEndpointTrouble } from "../../../../src/app/endpoint/find-trouble.js";
import { removeEndpoint } from "../../../../src/app/endpoint/remove-endpoint.js";
import { findBroker, startEndpoint } from "../../../../src/app/endpoint/start-endpoint.js";
import { describeStack, startStack, stopStack } from "../../../../src/app/egress/stack.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentStates } from "../../support/containers.js";
import { egressSettings, upIn } from "../../support/egress.js";
import { PROJECT } from "../../support/things.js";

const BROKER = `devkit-${PROJECT.id}-broker`;
const { signal } = new AbortController();

let world: World;

beforeEach(() => {
  world = createWorld();
});

const request = () => ({ settings: DEFAULT_SETTINGS, host: world.host, signal });
const ofBroker = (from = 0) => world.engine.changes.slice(from).filter((line) => line.endsWith(BROKER));
const start = async (...agents: number[]) =>
  (
    await startEndpoint(
      world.deps,
      request(),
      agents.map((index) => agentAt(index)),
    )
  ).finish();

describe("agent up", () => {
  test("makes one broker for all agents, with the pool and no network; an agent more is only told to it", async () => {
    await upIn(world, 2);
    expect(ofBroker()).toEqual([`create ${BROKER}`, `start ${BROKER}`]);
    const broker = [...world.engine.containers.values()].find(({ spec }) => spec.name === BROKER);
    expect(broker?.spec).toMatchObject({ network: undefined, readOnlyRoot: true, restarts: true });
    expect(broker?.spec.mounts.map(({ hostPath, readOnly }) => [hostPath, readOnly])).toEqual([
      [`${PROJECT.devkitDir}/refs`, false],
      [`${PROJECT.devkitDir}/locks/tasks`, false],
      [`${PROJECT.stateDir}/broker`, false],
      [`${PROJECT.stateDir}/broker/config`, true],
    ]);
    expect(world.endpoint.settings).toMatchObject({
      ...{ host: "here", prefix: "TSK", leaseMs: 3_600_000, roster: new Map() },
    });
    const from = world.engine.changes.length;
    await upIn(world, 2);
    expect(ofBroker(from)).toEqual([]);
    await upIn(world, 3);
    expect(ofBroker(from)).toEqual([`signal SIGUSR1 ${BROKER}`]);
    expect([...(world.endpoint.served ?? [])]).toEqual(["agent-1", "agent-2", "agent-3"]);
  });

  test("goes on without it, and says so, when it cannot be built", async () => {
    world.host.brokerProgram = () => Promise.reject(new DevkitError("E_FILE", "there is no broker"));
    const { outcomes } = await upIn(world, 1);
    expect(outcomes.map(({ error }) => error)).toEqual([undefined]);
    expect(agentStates(world.engine)).toEqual(["agent-1 running"]);
    expect(world.progress.warnings).toContain(
      "agents do not reach the task pool: there is no broker (try again: devkit up)",
    );
  });
});

describe("the broker", () => {
  test("that stopped is started, one of another making replaced", async () => {
    expect(await start(1)).toBe("there is no endpoint");
    expect(await start(1)).toBeUndefined();
    const found = await findBroker(world.deps);
    await world.engine.stopContainer(found?.id ?? "");
    expect(await findEndpointTrouble(world.deps)).toEqual({
      found: "the endpoint is exited",
      fix: "devkit up",
    });
    expect(await start(1)).toBe("the endpoint is exited");
    expect((await findBroker(world.deps))?.id).toBe(found?.id);
    const host = { ...world.host, user: { uid: 4, gid: 5 } };
    const other = await startEndpoint(world.deps, { ...request(), host }, [agentAt(1)]);
    expect(await other.finish()).toMatch(/^user changed from /);
    expect((await findBroker(world.deps))?.id).not.toBe(found?.id);
  });

  test("goes with the last agent, and is told of every other", async () => {
    await start(1, 2);
    const from = world.engine.changes.length;
    await removeEndpoint(world.deps, agentAt(1));
    expect(ofBroker(from)).toEqual([`signal SIGUSR1 ${BROKER}`]);
    expect(await findEndpointTrouble(world.deps)).toBeUndefined();
    await removeEndpoint(world.deps, agentAt(2));
    await removeEndpoint(world.deps, agentAt(2));
    expect(await findBroker(world.deps)).toBeUndefined();
    expect(await findEndpointTrouble(world.deps)).toBeUndefined();
  });

  test("is one of the things that agents share", async () => {
    await upIn(world, 1);
    expect(await stopStack(world.deps)).toContain(BROKER);
    const [broker] = (await describeStack(world.deps)).filter(({ role }) => role === "broker");
    expect(broker).toMatchObject({ state: "exited", serves: [agentAt(1)] });
    const from = world.engine.changes.length;
    await startStack(world.deps, { ...request(), settings: egressSettings({}), allowed: [] });
    expect(ofBroker(from)).toEqual([`start ${BROKER}`]);
  });

  test("that serves not everybody is named by doctor", async () => {
    await start(1);
    world.endpoint.agents.add("agent-2");
    expect(await findEndpointTrouble(world.deps)).toMatchObject({
      found: "the endpoint does not serve agent-2",
    });
  });
});
