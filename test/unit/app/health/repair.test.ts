import { beforeEach, describe, expect, test } from "vitest";
import { CHECKS } from "../../../../src/app/health/checks.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { createHealthStand, type HealthStand } from "../../support/health-stand.js";
import { PROJECT, specOf } from "../../support/things.js";
import { containerOf, GONE, plantClaim } from "./planted.js";

let stand: HealthStand;

beforeEach(async () => {
  stand = await createHealthStand();
});

const RECONCILED = CHECKS.filter(({ isReconciled }) => isReconciled);
const repair = (apply: boolean) => stand.repair({ apply, checks: RECONCILED });
const actions = async (apply: boolean) => (await repair(apply)).actions.map(({ action }) => action);

function showSession(agent: string): void {
  const ended = { exitCode: undefined, signal: undefined, pid: 1 };
  stand.sessions.running.set(agent, {
    ...{ agent, name: `devkit-${agent}`, attached: 0, state: "running" as const, ...ended },
  });
}

describe("repair", () => {
  test("has nothing to do where nothing is wrong", async () => {
    expect(await actions(false)).toEqual([]);
    expect(await actions(true)).toEqual([]);
  });

  test("says what it would do without --apply, and does nothing", async () => {
    showSession(GONE.name);
    await plantClaim(stand, {});
    const { actions: planned } = await repair(false);
    expect(planned).toMatchObject([
      {
        check: "sessions",
        action: "end the session devkit-agent-9",
        reasons: ["the session devkit-agent-9 shows agent-9, which is gone"],
        done: false,
      },
      { check: "tasks", action: "give TSK-1 back to the pool", done: false },
    ]);
    expect([...stand.sessions.running.keys()]).toEqual([GONE.name]);
    expect(stand.pool.deps.store.find("TSK-1")?.claim?.agent).toBe(GONE.name);
    expect(stand.world.locks.taken.slice(-1)).not.toEqual(["agents"]);
  });

  test("one that fails keeps no other from being done, and is tried once", async () => {
    showSession(GONE.name);
    await plantClaim(stand, {});
    let tried = 0;
    stand.deps = {
      sessions: {
        ...stand.sessions,
        kill() {
          tried += 1;
          return Promise.reject(new DevkitError("E_TMUX", "tmux: no"));
        },
      },
    };
    const { actions: done } = await repair(true);
    expect(done.map(({ done: isDone, error }) => [isDone, error?.code])).toEqual([
      [false, "E_TMUX"],
      [true, undefined],
    ]);
    expect(tried).toBe(1);
    expect(stand.pool.deps.store.find("TSK-1")?.claim).toBeUndefined();
  });

  test("goes on to what comes to light only then: what is left of an agent whose removal was cut off", async () => {
    const { ports } = stand.world;
    await stand.journal.begin({ kind: "kill", agent: GONE });
    stand.dead.add(GONE.name);
    const block = { first: 30_000, size: 10, project: PROJECT.id, agent: GONE.name, root: PROJECT.root };
    ports.blocks = [...ports.blocks, block];
    // As long as it may still be an agent, its ports are its own.
    expect(await actions(false)).toEqual(["end or take back what was cut off with single agents"]);
    expect(await actions(true)).toEqual([
      "end or take back what was cut off with single agents",
      "free the ports 30000-30009 of agent-9",
    ]);
    expect(await actions(false)).toEqual([]);
  });

  test("what is left of an agent goes with its container", async () => {
    const { engine, state, git } = stand.world;
    for (const map of [state.homes, state.gits]) map.delete("agent-2");
    const place = [...git.registered.keys()].find((one) => one.endsWith("agent-2")) ?? "";
    git.registered.delete(place);
    git.files.delete(place);
    expect(await actions(true)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^remove the container .*agent-2$/),
        "remove network and endpoint of agent-2",
        expect.stringMatching(/^free the ports .* of agent-2$/),
      ]),
    );
    expect([...engine.networks.values()].filter(({ spec }) => spec.name.endsWith("agent-2"))).toEqual([]);
    expect(await actions(false)).toEqual([]);
  });

  test("leaves alone what belongs to an agent that somebody is just making", async () => {
    await stand.journal.begin({ kind: "spawn", agent: GONE, isBegun: false });
    showSession(GONE.name);
    await plantClaim(stand, {});
    expect(await actions(false)).toEqual([]);
  });

  test("looks again right before it acts: an agent that has come meanwhile keeps its session", async () => {
    showSession(GONE.name);
    const { locks } = stand.world;
    stand.deps = {
      locks: {
        ...locks,
        hold: (name, work) =>
          locks.hold(name, async () => {
            stand.world.state.homes.add(GONE.name);
            return work();
          }),
      },
    };
    await repair(true);
    expect([...stand.sessions.running.keys()]).toEqual([GONE.name]);
  });

  test("leaves a claim that was made anew meanwhile, and one that a person wrote by hand", async () => {
    await plantClaim(stand, {});
    const { store } = stand.pool.deps;
    const { locks } = stand.world;
    stand.deps = {
      locks: {
        ...locks,
        hold: (name, work) =>
          locks.hold(name, async () => {
            await store.update("TSK-1", (task) => ({
              ...task,
              ...{ claims: 2, claim: task.claim && { ...task.claim, agent: "agent-1", number: 2 } },
            }));
            return work();
          }),
      },
    };
    await repair(true);
    expect(store.find("TSK-1")?.claim).toMatchObject({ agent: "agent-1", number: 2 });
    await store.update("TSK-1", (task) => ({
      ...task,
      claim: { agent: "alice", number: 3, expiresAt: undefined, host: undefined },
    }));
    expect(await actions(false)).toEqual([]);
  });

  test("a claim from the future of an agent that is gone is given back, not renewed", async () => {
    await plantClaim(stand, { expiresAt: "2999-01-01T00:00:00Z" });
    expect(await actions(true)).toEqual(["give TSK-1 back to the pool"]);
    expect(stand.pool.deps.store.find("TSK-1")?.claim).toBeUndefined();
  });

  test("a container without an agent stays while commands run in it", async () => {
    const { engine } = stand.world;
    const id = await engine.createContainer({ ...specOf(GONE), network: undefined });
    await engine.startContainer(id);
    const container = engine.containers.get(id);
    if (container !== undefined) container.execs = 1;
    await repair(true);
    expect(engine.containers.has(id)).toBe(true);
    expect(stand.world.progress.warnings.join()).toContain("stays: commands run in it");
  });

  test.each([
    ["runs", true],
    ["is on an engine elsewhere", false],
  ])("what another repository has left is only told of when it %s", async (_, isRunning) => {
    const { engine, host } = stand.world;
    const elsewhere = { url: "tcp://far:2375", from: "DOCKER_HOST", socket: undefined };
    if (!isRunning) stand.engine = { place: elsewhere };
    const spec = specOf(GONE);
    const labels = { ...spec.labels, [LABELS.root]: "/src/moved", [LABELS.project]: "moved-1" };
    const id = await engine.createContainer({ ...spec, labels, network: undefined });
    if (isRunning) await engine.startContainer(id);
    stand.needs.host = { ...host, isGone: (place) => Promise.resolve(place === "/src/moved") };
    expect(await stand.troubles("leftovers")).toMatchObject([
      { fix: expect.stringMatching(/^docker rm -f /) as string, repair: undefined },
    ]);
    await repair(true);
    expect(engine.containers.has(id)).toBe(true);
  });

  test("removes what agents shared once there is none", async () => {
    const empty = await createHealthStand(0);
    const { engine } = empty.world;
    const broker = containerOf(stand.world, "broker").spec;
    await engine.createContainer(broker);
    const { actions: done } = await empty.repair({ apply: true, checks: RECONCILED });
    expect(done).toMatchObject([{ action: `remove what agents share: ${broker.name}`, done: true }]);
    expect(engine.containers.size).toBe(0);
  });
});
