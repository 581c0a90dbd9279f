import { beforeEach, describe, expect, test } from "vitest";
import { bringUp, type UpRequest } from "../../../../src/app/agents/up.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers, agentStates } from "../../support/containers.js";
import { createRandom } from "../../support/random.js";
import { errorOf } from "../../support/temp.js";
import { oid, slotFor, specOf } from "../../support/things.js";

let world: World;

beforeEach(() => {
  world = createWorld();
});

const up = (count: number, change: Partial<UpRequest> = {}, on = world) =>
  bringUp(on.deps, {
    count,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => change.settings ?? DEFAULT_SETTINGS,
    allowed: [],
    host: on.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal: new AbortController().signal,
    ...change,
  });

const kinds = ({ plan }: Awaited<ReturnType<typeof up>>) => plan.operations.map(({ id }) => id);
const states = (on = world) => agentStates(on.engine);
const containerOf = (index: number) =>
  agentContainers(world.engine).find(({ spec }) => spec.hostname === `agent-${String(index)}`);

describe("agent up N", () => {
  test("makes N agents exist and run", async () => {
    const result = await up(3);
    expect(result.agents.map(({ name }) => name)).toEqual(["agent-1", "agent-2", "agent-3"]);
    expect(result.outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(states().sort()).toEqual(["agent-1 running", "agent-2 running", "agent-3 running"]);
    expect([...world.state.homes]).toHaveLength(3);
    expect(world.git.refs.get("refs/heads/agent/agent-2/idle")).toBe(oid("1"));
    expect(world.git.refs.get("refs/devkit/base/agent-2")).toBe(oid("1"));
  });

  test("clears the trash of what is too old, unless it is a dry run", async () => {
    const [old, young] = ["20260101T000000Z", "20260301T000000Z"].map(
      (stamp) => `refs/devkit/trash/agent-1/${stamp}/heads/x`,
    );
    for (const ref of [old, young]) world.git.refs.set(ref ?? "", oid("1"));
    const now = new Date("2026-03-02T00:00:00Z");
    const kept = () => [...world.git.refs.keys()].filter((ref) => ref.startsWith("refs/devkit/trash/"));
    await up(1, { now, dryRun: true });
    await up(1, { now: new Date("2026-02-28T00:00:00Z") });
    expect(kept()).toEqual([old, young]);
    await up(1, { now });
    expect(kept()).toEqual([young]);
  });

  test("comes to its end where the trash cannot be cleared", async () => {
    world.deps.refs.list = () => Promise.reject(new DevkitError("E_GIT", "no refs today"));
    expect((await up(1)).outcomes.map(({ error }) => error)).toEqual([undefined]);
    expect(world.progress.warnings.join()).toContain("no refs today");
  });

  test("again changes nothing", async () => {
    await up(3);
    const [before, log] = [[...world.engine.containers.keys()], world.engine.changes.length];
    const again = await up(3);
    expect(again.plan.operations).toEqual([]);
    expect(again.outcomes).toEqual([]);
    expect([...world.engine.containers.keys()]).toEqual(before);
    expect(world.engine.changes).toHaveLength(log);
  });

  test("with more adds the missing ones, with fewer removes none", async () => {
    await up(2);
    expect(new Set(kinds(await up(4)).map((id) => id.split("/")[0]))).toEqual(
      new Set(["agent-3", "agent-4"]),
    );
    const fewer = await up(1);
    expect(kinds(fewer)).toEqual([]);
    expect(fewer.agents.map(({ name }) => name)).toEqual(["agent-1"]);
    expect(states()).toHaveLength(4);
  });

  test("holds the borrowed history before it is borrowed", async () => {
    await up(1);
    const at = (entry: string) => world.log.indexOf(entry);
    expect(at("ref refs/devkit/base/agent-1")).toBeGreaterThan(-1);
    expect(at("ref refs/devkit/base/agent-1")).toBeLessThan(at("git agent-1"));
  });

  test("works under the agents' lock, changes egress under that of its own, and gives them back", async () => {
    await up(2);
    expect(new Set(world.locks.taken)).toEqual(new Set(["agents", "egress"]));
    expect(world.locks.taken.filter((name) => name === "agents")).toEqual(world.locks.taken.slice(0, 1));
    expect(world.locks.held.size).toBe(0);
    world.before = (operation) => {
      if (operation === "list") throw new DevkitError("E_ENGINE_UNAVAILABLE", "none answers");
    };
    await errorOf(up(2));
    expect(world.locks.held.size).toBe(0);
  });

  test("refreshes the settings in homes that are there", async () => {
    await up(2);
    expect(world.state.refreshed).toEqual([]);
    await up(3);
    expect(world.state.refreshed).toEqual(["agent-1", "agent-2"]);
  });

  test("says once how agents can commit when git does not know the user", async () => {
    world.git.config.length = 0;
    await up(2);
    expect(world.progress.warnings).toHaveLength(1);
    expect(world.progress.warnings[0]).toContain("git config --global user.name");
  });
});

describe("agent up heals", () => {
  beforeEach(() => up(2));

  test("a container that was removed", async () => {
    await world.engine.removeContainer(containerOf(2)?.id ?? "");
    const result = await up(2);
    expect(kinds(result)).toEqual([
      "agent-2/container.create",
      "agent-2/container.start",
      "agent-2/network.seal",
    ]);
    expect(result.plan.operations[0]?.cause).toBe("it has no container");
    expect(states().sort()).toEqual(["agent-1 running", "agent-2 running"]);
  });

  test("a worktree that was deleted: what the agent committed is what comes back", async () => {
    const agent = agentAt(1);
    world.commit(agent, oid("2"));
    world.git.files.set(world.worktreeOf(agent), { directory: "absent", linked: false, checkedOut: false });
    await up(2);
    expect(world.git.refs.get("refs/heads/agent/agent-1/idle")).toBe(oid("2"));
    const log = world.log.slice(world.log.lastIndexOf("fetch refs/heads/agent/agent-1/idle"));
    expect(log.filter((line) => /worktree|start/.test(line))).toEqual([
      "worktree.add agent-1",
      "worktree.checkout agent-1",
      "start agent-1",
    ]);
  });

  test("settings that changed, and says which", async () => {
    const settings = { ...DEFAULT_SETTINGS, container: { ...DEFAULT_SETTINGS.container, pids: 99 } };
    const result = await up(2, { settings });
    expect(kinds(result).filter((id) => id.startsWith("agent-1"))).toEqual([
      "agent-1/container.remove",
      "agent-1/container.create",
      "agent-1/container.start",
      "agent-1/network.seal",
    ]);
    expect(result.plan.operations[0]?.cause).toBe("pids changed from 512 to 99");
    expect((await up(2, { settings })).plan.operations).toEqual([]);
  });

  test("but does not replace a container in which commands run, unless forced", async () => {
    const container = containerOf(1);
    if (container !== undefined) container.execs = 2;
    const settings = { ...DEFAULT_SETTINGS, container: { ...DEFAULT_SETTINGS.container, pids: 99 } };
    const { outcomes } = await up(2, { settings });
    expect(outcomes[0]?.error).toMatchObject({ code: "E_AGENT_BUSY", exitCode: 5, details: { running: 2 } });
    expect(outcomes[0]?.error?.hint).toContain("--force");
    expect(outcomes[1]?.error).toBeUndefined();
    expect(containerOf(1)?.id).toBe(container?.id);
    expect((await up(2, { settings, force: true })).outcomes[0]?.error).toBeUndefined();
    expect(containerOf(1)?.id).not.toBe(container?.id);
  });
});

describe("agent up --dry-run", () => {
  test("says what it would do and does nothing: not even take a lock", async () => {
    const result = await up(2, { dryRun: true });
    expect(kinds(result)).toHaveLength(18);
    expect(result.outcomes).toEqual([]);
    expect([...world.engine.containers, ...world.git.registered, ...world.state.homes]).toEqual([]);
    expect(world.locks.taken).toEqual([]);
    expect([...world.engine.networks, ...world.egress.configs, ...world.egress.policies]).toEqual([]);
    expect(kinds(await up(2))).toEqual(kinds(result));
  });

  test("says that the image has to be built first, and does not build it", async () => {
    for (const name of world.engine.images.keys()) {
      if (name.startsWith("devkit-agent:")) world.engine.images.delete(name);
    }
    const result = await up(1, { dryRun: true });
    expect(result.imageCause).toMatch(/^there is no image devkit-agent:/);
    expect(world.engine.changes).toEqual([]);
    await up(1);
    expect(world.engine.changes[0]).toMatch(/^build devkit-agent:/);
  });
});

describe("a base image that is not here", () => {
  beforeEach(() => {
    world.engine.images.clear();
  });

  test("is pulled, or its absence is the failure", async () => {
    expect(await errorOf(up(1))).toMatchObject({ code: "E_IMAGE_MISSING", exitCode: 3 });
    expect(world.log).toContain(`pull ${DEFAULT_SETTINGS.image.base}`);
    expect(states()).toEqual([]);
  });

  test("is not pulled by --dry-run, which does nothing", async () => {
    await up(1, { dryRun: true }).catch(() => undefined);
    expect(world.log.filter((line) => line.startsWith("pull"))).toEqual([]);
  });
});

describe("agent up of very many", () => {
  test("wants --force and says what it would cost", async () => {
    const error = await errorOf(up(1000));
    expect(error).toMatchObject({ code: "E_TOO_MANY", exitCode: 5, details: { newAgents: 1000 } });
    expect(error.message).toContain("1000 new agents");
    expect(error.message).toContain("1000 MiB");
    expect(error.hint).toContain("--force");
    expect(states()).toEqual([]);
    expect((await up(65, { force: true })).outcomes).toHaveLength(65);
  });

  test("counts only those that are new", async () => {
    await up(64);
    await up(128);
    expect(states()).toHaveLength(128);
    expect((await errorOf(up(193))).details["newAgents"]).toBe(65);
  });
});

describe("agent up that meets trouble", () => {
  test("in one agent brings the others up all the same", async () => {
    world.before = (operation, subject) => {
      if (operation === "worktree.checkout" && subject === "agent-2")
        throw new DevkitError("E_DISK_FULL", "full");
    };
    const { outcomes } = await up(3);
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, "E_DISK_FULL", undefined]);
    expect(states().sort()).toEqual(["agent-1 running", "agent-3 running"]);
  });

  test("in one agent's home, where an agent can write, brings the others up all the same", async () => {
    await up(2);
    world.before = (operation, subject) => {
      if (operation === "refresh" && subject === "agent-2") throw new DevkitError("E_FILE", "in the way");
    };
    const { outcomes } = await up(3);
    expect(outcomes.find(({ agent }) => agent.index === 3)?.error).toBeUndefined();
    expect(states()).toContain("agent-3 running");
  });

  test("because the base is no commit touches nothing", async () => {
    const settings = { ...DEFAULT_SETTINGS, project: { ...DEFAULT_SETTINGS.project, base: "gone" } };
    expect((await errorOf(up(2, { settings }))).code).toBe("E_NO_COMMIT");
    expect(world.log).toEqual([]);
    expect(world.locks.taken).toEqual([]);
  });

  test("killed at any operation, and run again, gets there: whole agents, none twice", async () => {
    const random = createRandom(42);
    for (let round = 0; round < 40; round += 1) {
      const own = createWorld();
      let left = random.int(90);
      const killed = new Error("killed");
      own.before = () => {
        left -= 1;
        if (left < 0) throw killed;
      };
      await up(4, {}, own).catch(() => undefined);
      own.before = () => undefined;
      const { outcomes } = await up(4, {}, own);
      expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
      expect(states(own).sort()).toEqual([1, 2, 3, 4].map((index) => `agent-${String(index)} running`));
      expect((await up(4, {}, own)).plan.operations).toEqual([]);
    }
  });
});

test("the container it makes is the one the domain describes", async () => {
  await up(1);
  expect(containerOf(1)?.spec).toEqual(
    specOf(agentAt(1), {}, slotFor(agentAt(1)), { first: 20_000, size: 10 }),
  );
});
