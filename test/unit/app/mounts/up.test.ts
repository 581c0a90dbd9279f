import { beforeEach, describe, expect, test } from "vitest";
import { bringUp, type UpRequest } from "../../../../src/app/agents/up.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";
import { errorOf } from "../../support/temp.js";

let world: World;

beforeEach(() => {
  world = createWorld();
});

const up = (count: number, change: Partial<UpRequest> = {}) =>
  bringUp(world.deps, {
    count,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal: new AbortController().signal,
    ...change,
  });

const containerOf = (index: number) =>
  agentContainers(world.engine).find(({ spec }) => spec.hostname === `agent-${String(index)}`);

describe("what settings add", () => {
  const extras = (prepare: (name: string) => void) => () =>
    Promise.resolve({
      of: () => ({ mounts: [], env: {}, overlays: ["mine"] }),
      prepare: ({ name }: { name: string }) => {
        prepare(name);
        return Promise.resolve();
      },
    });

  test("is made ready before each creation and each start, and not for an agent that runs", async () => {
    const seen: string[] = [];
    const note = (name: string) => seen.push(`${name} ${containerOf(1)?.state ?? "absent"}`);
    await up(1, { extras: extras(note) });
    expect(seen).toEqual(["agent-1 absent", "agent-1 created"]);
    await up(1, { extras: extras(note) });
    await world.engine.stopContainer(containerOf(1)?.id ?? "");
    await up(1, { extras: extras(note) });
    expect(seen.slice(2)).toEqual(["agent-1 exited"]);
    expect((await up(1, { dryRun: true })).plan.operations[0]?.cause).toBe("overlay mine is gone");
  });

  test("that is refused stops everything before anything is made", async () => {
    const refuse = () => Promise.reject(new DevkitError("E_MOUNT", "no"));
    expect((await errorOf(up(2, { extras: refuse }))).code).toBe("E_MOUNT");
    expect(world.log.filter((one) => /create|add|build/i.test(one))).toEqual([]);
    const image = { ...DEFAULT_SETTINGS.image, dockerfile: "/src/Dockerfile" };
    const late = async () => {
      await new Promise((done) => setImmediate(done));
      return refuse();
    };
    const asked = { extras: late, settingsOf: () => ({ ...DEFAULT_SETTINGS, image }) };
    expect((await errorOf(up(1, asked))).code).toBe("E_MOUNT");
    expect(world.log.filter((one) => /create|add|build/i.test(one))).toEqual([]);
  });
});
