import { beforeEach, describe, expect, test } from "vitest";
import { bringUp } from "../../../../src/app/agents/up.js";
import { examine, type DoctorNeeds } from "../../../../src/app/health/doctor.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { PROJECT } from "../../support/things.js";

let world: World;
const { signal } = new AbortController();

beforeEach(async () => {
  world = createWorld();
  const request = {
    count: 2,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal,
  };
  await bringUp(world.deps, request);
});

const findings = (change: Partial<DoctorNeeds> = {}) =>
  examine({
    host: world.host,
    gitVersion: () => Promise.resolve("2.39.5"),
    engine: () => Promise.resolve(world.engine),
    projectDeps: () => Promise.resolve(world.deps),
    settings: () => Promise.resolve(DEFAULT_SETTINGS),
    signal,
    ...change,
  });

const finding = async (check: string, change: Partial<DoctorNeeds> = {}) =>
  (await findings(change)).find((one) => one.check === check);

describe("doctor", () => {
  test("finds nothing wrong where nothing is, and says of each check what it found and why", async () => {
    const all = await findings();
    expect(all.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    expect(all.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        "git",
        "engine",
        "repository",
        "configuration",
        "image",
        "identity",
        "disk",
        "agents",
      ]),
    );
    for (const { found, why } of all) expect([found, why]).not.toContain("");
  });

  test("changes nothing", async () => {
    const before = [world.engine.changes.length, world.log.length, world.git.refs.size];
    await findings();
    const after = [world.engine.changes.length, world.log.length, world.git.refs.size];
    expect(after[0]).toBe(before[0]);
    expect(after[2]).toBe(before[2]);
    expect(world.log.slice(before[1]).filter((line) => !line.startsWith("list"))).toEqual([]);
  });

  test.each(["2.35.9", "1.9.0", "not installed", ""])("finds that git %j will not do", async (version) => {
    expect(await finding("git", { gitVersion: () => Promise.resolve(version) })).toMatchObject({
      verdict: "failed",
    });
  });

  test.each(["2.36.0", "2.100.1", "3.0.0"])("takes git %s", async (version) => {
    expect((await finding("git", { gitVersion: () => Promise.resolve(version) }))?.verdict).toBe("ok");
  });

  test("tells a trouble that stops several checks once, with its fix, and goes on with the others", async () => {
    const trouble = new DevkitError("E_ENGINE_UNAVAILABLE", "no container engine answers", {
      hint: "start it",
    });
    const engine = () => Promise.reject(trouble);
    const all = await findings({ engine, projectDeps: engine });
    expect(all.filter(({ found }) => found === trouble.message)).toEqual([
      expect.objectContaining({ check: "engine", verdict: "failed", fix: "start it" }),
    ]);
    expect(all.map(({ check }) => check)).toContain("git");
  });

  test("names agents that are not whole, and the command that makes them so", async () => {
    world.state.gits.delete("agent-2");
    expect(await finding("agents")).toMatchObject({
      verdict: "failed",
      found: "not whole: agent-2",
      fix: "devkit agent up agent-2",
    });
  });

  test("names an agent whose worktree was deleted", async () => {
    world.git.files.set(world.worktreeOf(agentAt(1)), {
      directory: "absent",
      linked: false,
      checkedOut: false,
    });
    expect((await finding("agents"))?.found).toBe("not whole: agent-1");
  });

  test("warns of a full disk, of a user without a name, of an image that is not built", async () => {
    const host = { ...world.host, freeBytes: () => Promise.resolve(1024 ** 3) };
    expect((await finding("disk", { host }))?.verdict).toBe("warning");
    world.git.config.length = 0;
    expect(await finding("identity")).toMatchObject({ verdict: "warning" });
    for (const name of world.engine.images.keys()) {
      if (name.startsWith("devkit-agent:")) world.engine.images.delete(name);
    }
    expect(await finding("image")).toMatchObject({ verdict: "warning", fix: "devkit image build" });
  });

  test("finds containers of a repository that is gone, and only those", async () => {
    const host = { ...world.host, isGone: (path: string) => Promise.resolve(path === "/src/demo") };
    const found = await finding("leftovers", { host });
    expect(found?.verdict).toBe("warning");
    const named = (...names: string[]) => names.map((name) => `devkit-${PROJECT.id}-${name}`).join(" ");
    expect(found?.fix).toBe(
      `docker rm -f ${named("agent-1", "agent-2", "egress", "broker")} && ` +
        `docker network rm ${named("agent-1", "agent-2", "egress-out")}`,
    );
  });

  test("names locks of dead processes", async () => {
    const locks = { ...world.locks, stale: () => Promise.resolve(["agents"]) };
    const projectDeps = () => Promise.resolve({ ...world.deps, locks });
    expect(await finding("locks", { projectDeps })).toMatchObject({ verdict: "warning" });
  });
});
