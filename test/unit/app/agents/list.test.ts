import { beforeEach, describe, expect, test } from "vitest";
import { listAgents } from "../../../../src/app/agents/list.js";
import { readAgentLogs } from "../../../../src/app/agents/logs.js";
import { describeAgents } from "../../../../src/app/agents/status.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { syncAgents } from "../../../../src/app/custody/sync-agents.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { statusIn } from "../../support/egress.js";
import { oid, PROJECT } from "../../support/things.js";

let world: World;
const { signal } = new AbortController();

beforeEach(async () => {
  world = createWorld();
  const request = {
    count: 10,
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

const list = () => listAgents(world.deps, world.spec);

const containerOf = (index: number) =>
  [...world.engine.containers.values()].find(({ spec }) => spec.hostname === `agent-${String(index)}`);

describe("listing agents", () => {
  test("in numeric order, with branch and worktree", async () => {
    const found = await list();
    expect(found.map(({ agent }) => agent.index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(found[1]).toMatchObject({
      branch: "agent/agent-2/idle",
      worktree: agentPaths(PROJECT, agentAt(2)).worktree,
      syncError: undefined,
      sync: { updated: [] },
    });
  });

  test("brings commits home on the way", async () => {
    world.commit(agentAt(2), oid("2"));
    const found = await list();
    expect(found[1]?.sync?.updated).toMatchObject([{ ref: "refs/heads/agent/agent-2/idle", to: oid("2") }]);
    expect(world.git.refs.get("refs/heads/agent/agent-2/idle")).toBe(oid("2"));
  });

  test("shows all of them, also when one's commits cannot come home", async () => {
    world.commit(agentAt(2), oid("2"));
    world.before = (operation) => {
      if (operation === "fetch") throw new DevkitError("E_GIT", "broken");
    };
    const found = await list();
    expect(found).toHaveLength(10);
    expect(found[1]).toMatchObject({ sync: undefined, branch: "agent/agent-2/idle" });
    expect(found[1]?.syncError?.message).toBe("broken");
    expect(found[2]?.syncError).toBeUndefined();
  });

  test("a defect of ours is not hidden as an agent's trouble", async () => {
    world.commit(agentAt(2), oid("2"));
    world.before = (operation) => {
      if (operation === "fetch") throw new TypeError("oops");
    };
    await expect(list()).rejects.toThrow("oops");
  });

  test("says so when an agent's git dir cannot be read", async () => {
    world.state.gits.set("agent-3", undefined);
    expect((await list())[2]?.sync?.unreadable).toBe(true);
  });

  test("shows a detached agent without a branch", async () => {
    world.state.gits.set("agent-4", {
      head: { kind: "detached", oid: oid("1") },
      heads: new Map(),
      refused: [],
    });
    expect((await list())[3]?.branch).toBeUndefined();
  });
});

describe("agent sync", () => {
  const sync = (...selectors: string[]) => syncAgents(world.deps, selectors, world.spec);

  test("is of those named, or of all, in numeric order", async () => {
    expect((await sync()).synced.map(({ agent }) => agent.index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await sync("10", "9")).synced.map(({ agent }) => agent.index)).toEqual([9, 10]);
  });
});

describe("agent status", () => {
  const status = (...selectors: string[]) => describeAgents(world.deps, statusIn(world, ...selectors));

  test("says what is there, and that there is nothing to do", async () => {
    const [found] = await status("2");
    expect(found).toMatchObject({
      agent: agentAt(2),
      home: agentPaths(PROJECT, agentAt(2)).home,
      files: { changed: 0, untracked: 0 },
      pending: [],
    });
  });

  test("says what agent up would do, and why", async () => {
    await world.engine.stopContainer(containerOf(2)?.id ?? "");
    const [found] = await status("2");
    expect(found?.pending?.map(({ kind, cause }) => [kind, cause])).toEqual([
      ["container.start", "its container is exited"],
      ["network.seal", "its container has just been started"],
    ]);
  });

  test("has no files to count where there is no worktree", async () => {
    world.git.files.set(world.worktreeOf(agentAt(2)), {
      directory: "absent",
      linked: false,
      checkedOut: false,
    });
    const [found] = await status("2");
    expect(found?.files).toBeUndefined();
    expect(found?.pending?.[0]?.kind).toBe("git.sync");
  });

  test("does not know what up would do without the image", async () => {
    const spec = () => Promise.reject(new DevkitError("E_IMAGE_MISSING", "x"));
    const [found] = await describeAgents(world.deps, { ...statusIn(world, "2"), spec, wanted: spec });
    expect(found?.pending).toBeUndefined();
  });
});

describe("agent logs", () => {
  const read = async (...selectors: string[]) => {
    const lines: string[] = [];
    await readAgentLogs(world.deps, selectors, { follow: false, tail: undefined, signal }, (line) => {
      lines.push(`${line.agent}|${line.time}|${line.text}`);
    });
    return lines;
  };

  test("are the agents' lines with their times, one agent after the other", async () => {
    containerOf(10)?.log.push("2026-01-01T00:00:00Z later one");
    containerOf(2)?.log.push("2026-01-02T00:00:00Z  two  spaces", "2026-01-02T00:00:01Z ");
    expect(await read()).toEqual([
      "agent-2|2026-01-02T00:00:00Z| two  spaces",
      "agent-2|2026-01-02T00:00:01Z|",
      "agent-10|2026-01-01T00:00:00Z|later one",
    ]);
    expect(await read("10")).toHaveLength(1);
  });

  test("of an agent without a container are none, and that is said", async () => {
    await world.engine.removeContainer(containerOf(2)?.id ?? "");
    expect(await read("2")).toEqual([]);
    expect(world.progress.warnings).toEqual([expect.stringContaining("agent-2")]);
  });
});
