import { describe, expect, test } from "vitest";
import { startWithCaches } from "../../../../src/app/caches/start-with-caches.js";
import { cacheSteps } from "../../../../src/app/caches/make-caches.js";
import { removeCaches } from "../../../../src/app/caches/remove-caches.js";
import { removeLooseVolumes } from "../../../../src/app/caches/remove-loose-volumes.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS, type CacheSettings } from "../../../../src/domain/settings/settings.js";
import { codeOf } from "../../../contracts/code-of.js";
import { createWorld, type World } from "../../fakes/world.js";
import { specOf } from "../../support/things.js";

const signal = new AbortController().signal;

async function up(world: World, caches: CacheSettings) {
  const settings = { ...DEFAULT_SETTINGS, caches };
  const { deps, host } = world;
  const flags = { force: false, dryRun: false, allowed: [], now: new Date() };
  const { outcomes } = await bringUp(deps, {
    ...{ count: 1, settings, settingsOf: () => settings, host, ...flags, signal },
  });
  return outcomes.flatMap(({ done }) => done.map(({ kind }) => kind));
}

describe("bringing an agent up", () => {
  test("makes its caches with its home, and again only when the settings have changed", async () => {
    const world = createWorld();
    expect(await up(world, { use: ["npm"], trust: "shared" })).not.toContain("caches.create");
    expect(world.caches.made.get("agent-1")).toEqual([{ tool: "npm", mode: "shared" }]);
    expect(await up(world, { use: ["npm"], trust: "shared" })).toEqual([]);
    const kinds = await up(world, { use: ["npm"], trust: "readonly" });
    expect(kinds.slice(0, 3)).toEqual(["container.remove", "caches.create", "container.create"]);
  });

  test("stops what runs before what it mounts is made anew", async () => {
    const world = createWorld();
    await up(world, { use: ["npm"], trust: "shared" });
    world.caches.made.clear();
    const kinds = await up(world, { use: ["npm"], trust: "shared" });
    expect(kinds).toEqual(["container.stop", "caches.create", "container.start", "network.seal"]);
  });

  test("says for each agent what its own settings want", async () => {
    const world = createWorld();
    const settingsOf = ({ index }: { index: number }) => ({
      ...DEFAULT_SETTINGS,
      caches: { use: index === 1 ? [] : (["go"] as const), trust: "shared" as const },
    });
    const steps = await cacheSteps(world.deps, settingsOf, [agentAt(1), agentAt(2)]);
    expect([steps.causeOf(agentAt(1)), steps.causeOf(agentAt(2))]).toEqual([
      undefined,
      "its caches are others now",
    ]);
  });
});

describe("starting a container", () => {
  const spec = () => Promise.resolve(specOf(agentAt(1)));

  test("whose layers are lost makes it anew, once", async () => {
    const { engine } = createWorld();
    const id = await engine.createContainer({ ...(await spec()), network: undefined });
    const failing = {
      ...engine,
      startContainer: (started: string) =>
        started === id ? Promise.reject(new DevkitError("E_CACHES", "lost")) : Promise.resolve(),
    };
    const next = await startWithCaches(failing, id, async () => ({ ...(await spec()), network: undefined }));
    expect(next).not.toBe(id);
    expect([...engine.containers.keys()]).toEqual([next]);
  });

  test("that fails otherwise, or again, is a failure", async () => {
    const { engine } = createWorld();
    const failWith = (code: "E_ENGINE" | "E_CACHES") => ({
      ...engine,
      createContainer: () => Promise.resolve("next"),
      removeContainer: () => Promise.resolve(),
      startContainer: () => Promise.reject(new DevkitError(code, "no")),
    });
    expect(await codeOf(startWithCaches(failWith("E_ENGINE"), "id", spec))).toBe("E_ENGINE");
    expect(await codeOf(startWithCaches(failWith("E_CACHES"), "id", spec))).toBe("E_CACHES");
  });
});

describe("removing an agent's caches", () => {
  test("asks the engine's root for what the kernel has closed, with nothing else in its reach", async () => {
    const world = createWorld();
    world.caches.closed.add("agent-1");
    const seen: unknown[] = [];
    const engine = {
      ...world.engine,
      runOnce: (spec: { user: string; mounts: unknown }) => {
        seen.push([spec.user, spec.mounts]);
        world.caches.closed.clear();
        return Promise.resolve(0);
      },
    };
    await removeCaches({ ...world.deps, engine }, agentAt(1), world.spec);
    const hostPath = "/state/devkit/demo-289ea146/agents/agent-1/caches/work/work";
    expect(seen).toEqual([["0:0", [{ hostPath, containerPath: "/kernel", readOnly: false }]]]);
    expect(world.progress.warnings).toEqual([]);
  });

  test("keeps nobody from removing the agent", async () => {
    const world = createWorld();
    world.before = (operation) => {
      if (operation === "remove caches") throw new DevkitError("E_FILE", "cannot");
    };
    await removeCaches(world.deps, agentAt(1), world.spec);
    expect(world.progress.warnings).toEqual(["agent-1: its caches go to the trash with it: cannot"]);
  });
});

test("volumes without a container go, of one agent or of all", async () => {
  const { deps, engine } = createWorld();
  for (const agentName of ["agent-1", "agent-2", "agent-3"])
    engine.volumes.push({ name: `volume-${agentName}`, agentName, root: undefined });
  await removeLooseVolumes(deps, agentAt(2));
  expect(engine.volumes.map(({ agentName }) => agentName)).toEqual(["agent-1", "agent-3"]);
  await removeLooseVolumes(deps);
  expect(engine.volumes).toEqual([]);
});
