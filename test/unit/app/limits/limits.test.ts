import { beforeEach, describe, expect, test } from "vitest";
import { listAgents } from "../../../../src/app/agents/list.js";
import { bringUp, type UpRequest } from "../../../../src/app/agents/up.js";
import { watchMemory } from "../../../../src/app/limits/watch-memory.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";
import { errorOf } from "../../support/temp.js";

let world: World;

beforeEach(() => {
  world = createWorld();
});

const GIB = 1024 ** 3;
const up = (count: number, settings: Settings = DEFAULT_SETTINGS, change: Partial<UpRequest> = {}) =>
  bringUp(world.deps, {
    count,
    settings,
    settingsOf: () => settings,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal: new AbortController().signal,
    ...change,
  });
const container = () => {
  const [found] = agentContainers(world.engine);
  if (found === undefined) throw new Error("no container");
  return found;
};

describe("[budget]", () => {
  const settings = { ...DEFAULT_SETTINGS, budget: { memory: 9 * GIB, cpus: undefined, pids: undefined } };

  test("refuses more before anything is made, and says how many fit", async () => {
    const error = await errorOf(up(3, settings));
    expect(error).toMatchObject({
      code: "E_BUDGET",
      exitCode: 5,
      message: "3 running agents would have 12.0 GiB of memory, and the budget of all is 9.0 GiB",
      hint: "so many fit: devkit agent up 2; or add --force",
    });
    expect(world.engine.changes).toEqual([]);
  });

  test("lets through what fits, and anything with --force", async () => {
    expect((await up(2, settings)).outcomes).toHaveLength(2);
    expect(await errorOf(up(3, settings))).toMatchObject({ code: "E_BUDGET" });
    expect((await up(3, settings, { force: true })).outcomes).toHaveLength(1);
  });
});

describe("more memory than the machine has", () => {
  test("is said once, when something is started", async () => {
    world.engine.info = () =>
      Promise.resolve({
        name: "",
        version: "",
        apiVersion: "",
        isPodman: false,
        isRootless: false,
        cpus: 2,
        memoryBytes: 5 * GIB,
        dataDir: "/",
        systemTime: "",
      });
    await up(1);
    expect(world.progress.warnings).toEqual([]);
    await up(2);
    expect(world.progress.warnings).toEqual([
      expect.stringContaining("2 agents may use 8.0 GiB of memory together, and this machine has 5.0 GiB"),
    ]);
    await up(2);
    expect(world.progress.warnings).toHaveLength(1);
  });
});

describe("a machine without room", () => {
  /** How much memory is left at each look. */
  const withMemory = (...left: number[]): Partial<UpRequest> => {
    let looks = 0;
    const availableMemory = () => Promise.resolve(left[Math.min(looks++, left.length - 1)]);
    return { host: { ...world.host, availableMemory } };
  };
  const running = () => agentContainers(world.engine).filter(({ state }) => state === "running").length;

  test("lets agents start one after the other as it has room, and says for what they wait", async () => {
    const host = withMemory(GIB / 4, GIB / 4, GIB / 8, GIB / 4);
    const { outcomes, agents } = await up(3, DEFAULT_SETTINGS, host);
    expect([outcomes.map(({ error }) => error), agents.length, running()]).toEqual([
      ...[[undefined, undefined, undefined], 3, 3],
    ]);
    const waited = world.progress.started.filter((line) => line.includes("waiting for"));
    expect(waited).toEqual(["agent-2: waiting for 256 MiB of free memory; this machine has 128 MiB"]);
    expect(world.locks.taken.filter((name) => name === "agents")).toHaveLength(3);
  });

  test("is waited for so long, with nothing made of those that wait", async () => {
    const late = { ...withMemory(GIB / 4, GIB / 4, 1), roomMs: 0 };
    const { outcomes } = await up(3, DEFAULT_SETTINGS, late);
    expect(outcomes.map(({ agent, error }) => `${agent.name} ${error?.code ?? "runs"}`)).toEqual([
      ...["agent-1 runs", "agent-2 E_BUDGET", "agent-3 E_BUDGET"],
    ]);
    expect(world.log.filter((line) => line.includes("agent-2"))).toEqual([]);
  });

  test("keeps nobody waiting who runs already, nor with --force, nor where the engine is elsewhere", async () => {
    const none = { ...withMemory(1), roomMs: 0 };
    expect(await errorOf(up(1, DEFAULT_SETTINGS, none))).toMatchObject({ code: "E_BUDGET", exitCode: 5 });
    const here = world.engine.place;
    world.engine.place = { url: "tcp://there:2375", from: "DOCKER_HOST", socket: undefined };
    expect((await up(1, DEFAULT_SETTINGS, none)).outcomes).toHaveLength(1);
    world.engine.place = here;
    expect((await up(1, DEFAULT_SETTINGS, none)).outcomes).toEqual([]);
    expect((await up(2, DEFAULT_SETTINGS, { ...none, force: true })).outcomes).toHaveLength(1);
  });

  test("is left alone by an interrupt", async () => {
    const interrupt = new AbortController();
    const waiting = up(1, DEFAULT_SETTINGS, { ...withMemory(1), signal: interrupt.signal });
    interrupt.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
    expect(await errorOf(waiting)).toMatchObject({ code: "E_INTERRUPTED" });
    expect(world.engine.changes).toEqual([]);
  });
});

describe("out of memory", () => {
  beforeEach(() => up(1));
  const listed = async () => (await listAgents(world.deps, world.spec))[0]?.outOfMemory;

  test("is what the kernel's counter says, while the agent runs", async () => {
    expect(await listed()).toBeUndefined();
    container().oomKills = 2;
    expect(await listed()).toMatchObject({ kills: 2, limit: 4 * GIB });
  });

  test("is told apart from a crash when its container has ended", async () => {
    container().oomKills = 1;
    container().state = "exited";
    const { listContainers } = world.engine;
    const ended = (statusText: string) => {
      world.engine.listContainers = async (...args) =>
        (await listContainers(...args)).map((one) => ({ ...one, statusText }));
    };
    ended("Exited (137) 2 seconds ago");
    expect(await listed()).toMatchObject({ kills: undefined, limit: 4 * GIB });
    ended("Exited (143) 2 seconds ago");
    expect(await listed()).toBeUndefined();
    container().oomKills = 0;
    ended("Exited (137) 2 seconds ago");
    expect(await listed()).toBeUndefined();
  });

  test("explains a command's end only when the counter went up meanwhile and the command was killed", async () => {
    const [watched] = await world.engine.listContainers("agent", world.deps.project.id);
    if (watched === undefined) throw new Error("no container");
    container().oomKills = 1;
    const watch = watchMemory(world.engine, watched);
    expect(await watch.explain(137)).toBeUndefined();
    container().oomKills = 2;
    expect(await watch.explain(1)).toBeUndefined();
    expect(await watch.explain(137)).toBe("killed: the agent is out of memory (limit 4.0 GiB)");
    world.engine.countOomKills = () => Promise.resolve(undefined);
    expect(await watchMemory(world.engine, watched).explain(137)).toBeUndefined();
  });
});
