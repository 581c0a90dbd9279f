import { expect, test } from "vitest";
import { observe } from "../../../../src/app/agents/observe.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { findUsage } from "../../../../src/app/limits/find-usage.js";
import { diskOf } from "../../../../src/domain/limits/agent-usage.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { usageData, usageTable } from "../../../../src/output/views/usage.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";

const MIB = 1024 ** 2;
const { signal } = new AbortController();

async function createAgents(): Promise<World> {
  const world = createWorld();
  await bringUp(world.deps, {
    ...{ count: 2, settings: DEFAULT_SETTINGS, settingsOf: () => DEFAULT_SETTINGS, allowed: [] },
    ...{ host: world.host, force: false, dryRun: false, now: new Date(), signal },
  });
  const [, second] = agentContainers(world.engine);
  if (second !== undefined) second.state = "exited";
  return world;
}

test("an agent's usage is what its container takes now, as long as it runs, and what it has on disk", async () => {
  const { deps } = await createAgents();
  const found = await findUsage(deps, await observe(deps), 5000);
  expect(found.get("agent-1")).toMatchObject({
    ...{ memory: 2 * MIB, memoryLimit: 4096 * MIB, peakMemory: 3 * MIB, cpus: 0.25, layer: 4096 },
  });
  expect(found.get("agent-2")).toMatchObject({ memory: undefined, cpus: undefined, layer: 4096 });
  const [one] = found.values();
  if (one === undefined) throw new Error("no agent");
  expect(diskOf(one)).toEqual({ bytes: 4 * 4096, isComplete: true });
});

test("an engine that does not answer costs its figures, and no more time than was given", async () => {
  const { deps } = await createAgents();
  const never = () => new Promise<never>(() => undefined);
  const engine = { ...deps.engine, findUsage: never, findLoad: never };
  const began = performance.now();
  const found = await findUsage({ ...deps, engine }, await observe(deps), 50);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(found.get("agent-1")).toMatchObject({ memory: undefined, layer: undefined, home: { bytes: 4096 } });
});

test("what was not counted to its end is shown as the least that it can be", async () => {
  const { deps } = await createAgents();
  const home = { bytes: 5 * MIB, isComplete: false };
  const homeCare = {
    ...deps.homeCare,
    measureAll: () =>
      Promise.resolve({ worktree: undefined, home, git: undefined, caches: undefined, volumes: undefined }),
  };
  const found = await findUsage({ ...deps, homeCare }, await observe(deps), 5000);
  const usage = found.get("agent-1");
  if (usage === undefined) throw new Error("no agent");
  expect(usageData(usage)).toMatchObject({
    ...{ home: { bytes: 5 * MIB, complete: false }, git: null, disk: { complete: false } },
  });
  const table = usageTable([{ row: { name: "agent-1", state: "running" }, usage }], {
    bytes: 9 * MIB,
    isComplete: true,
  });
  expect(table).toContain("agent-1  running  2.0 MiB of 4.0 GiB  0.25  -         ≥ 5.0 MiB");
  expect(table).toContain("up to 9.0 MiB; what, and why: devkit prune");
});
