import { beforeEach, describe, expect, test } from "vitest";
import { bringUp, type UpRequest } from "../../../../src/app/agents/up.js";
import type { HostHook, HostHooks, HostReach } from "../../../../src/app/hooks/host-hooks.js";
import { runNamedHook } from "../../../../src/app/hooks/run-named-hook.js";
import { DevkitError } from "../../../../src/base/errors.js";
import {
  DEFAULT_SETTINGS,
  type HookSettings,
  type Settings,
} from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentContainers } from "../../support/containers.js";
import { errorOf } from "../../support/temp.js";

let world: World;
/** `agent-1: on_create: npm ci`, in the order in which they began. */
let ran: string[];
/** What each command does. */
let behaviour: (command: string) => number | Promise<number>;

beforeEach(() => {
  world = createWorld();
  ran = [];
  behaviour = () => 0;
  const { engine } = world;
  engine.exec = async (id, { argv, env }, streams) => {
    const agent = engine.containers.get(id)?.spec.hostname ?? "";
    const hook = env["DEVKIT_HOOK"] ?? "end";
    const command = hook === "warm" || hook === "end" ? argv.at(-1) : argv[2];
    ran.push(`${agent}: ${hook}: ${command ?? ""}`);
    streams.stdout.write(`${command ?? ""} says\n`);
    return behaviour(command ?? "");
  };
});

const HOOKS = { on_create: ["npm ci", "build"], on_start: ["serve"], warm: ["fill"], maintain: ["clean"] };

const settingsWith = (hooks: Partial<HookSettings>): Settings => ({
  ...DEFAULT_SETTINGS,
  hooks: { ...DEFAULT_SETTINGS.hooks, ...hooks },
});

function up(count: number, hooks: Partial<HookSettings> = HOOKS, change: Partial<UpRequest> = {}) {
  const settings = settingsWith(hooks);
  return bringUp(world.deps, {
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
}
const due = async (hooks: Partial<HookSettings> = HOOKS) =>
  (await up(1, hooks, { dryRun: true })).plan.operations.map(({ kind, cause }) => `${kind}: ${cause}`);
const codes = ({ outcomes }: Awaited<ReturnType<typeof up>>) => outcomes.map(({ error }) => error?.code);

describe("agent up and the agents' hooks", () => {
  test("get the variables that the settings name, the one in the background too", async () => {
    const seen = new Map<string, string | undefined>();
    world.engine.exec = (_, { env }) => {
      seen.set(env["DEVKIT_HOOK"] ?? "", env["MINE"]);
      return Promise.resolve(0);
    };
    const settings = settingsWith(HOOKS);
    const passing = { ...settings, agent: { ...settings.agent, pass_env: ["MINE"] } };
    await up(1, HOOKS, {
      settings: passing,
      settingsOf: () => passing,
      host: { ...world.host, env: { MINE: "mine", OTHER: "other" } },
    });
    expect(["on_create", "warm", "on_start"].map((hook) => seen.get(hook))).toEqual(["mine", "mine", "mine"]);
  });

  test("run once in order, last of all; then there is nothing to do", async () => {
    await up(1);
    expect(ran).toEqual([
      "agent-1: on_create: npm ci",
      "agent-1: on_create: build",
      "agent-1: warm: fill",
      "agent-1: on_start: serve",
    ]);
    expect(world.hooks.logs.get("agent-1 on_create")).toBe("npm ci says\nbuild says\n");
    world.hooks.statuses.set(
      "agent-1",
      `${world.hooks.records.get("agent-1")?.warm?.id ?? ""} 0 2026-01-01T00:00:00Z`,
    );
    expect(await due()).toEqual([]);
  });

  test("run when the agent reaches what it may reach, and no lock keeps others waiting", async () => {
    let held: string[] = [];
    behaviour = () => {
      held = [...world.locks.held];
      return 0;
    };
    await up(1, { on_create: ["npm ci"] });
    expect(held).toEqual(["hooks-agent-1"]);
    expect(world.log.lastIndexOf("signal SIGUSR1")).toBeLessThan(world.log.indexOf("hook record agent-1"));
  });

  test("fail for one agent alone, with exit code and what it said; the next up runs it again", async () => {
    behaviour = (command) => (command === "build" && ran.at(-1)?.startsWith("agent-1") === true ? 3 : 0);
    const result = await up(2);
    expect(codes(result)).toEqual(["E_HOOK", undefined]);
    const error = result.outcomes[0]?.error;
    expect(error?.message).toContain('"build" ended with exit code 3: build says');
    expect(error?.details).toMatchObject({ exitCode: 3, excerpt: "npm ci says\nbuild says" });
    expect(ran).not.toContain("agent-1: on_start: serve");
    expect([...world.engine.containers.values()].every(({ state }) => state === "running")).toBe(true);
    expect((await due())[0]).toBe("hook.create: its last run failed with exit code 3");
    behaviour = () => 0;
    expect(codes(await up(2))).toEqual([undefined]);
    expect(ran).toContain("agent-1: on_start: serve");
  });

  test("changed commands run again, and the plan says why", async () => {
    await up(1, { on_create: ["npm ci"] });
    expect(await due({ on_create: ["npm install"] })).toEqual(["hook.create: its commands changed"]);
  });

  test("a run that was cut off is ended before it runs again", async () => {
    behaviour = () => {
      throw new DevkitError("E_ENGINE_UNAVAILABLE", "gone");
    };
    await up(1, { on_create: ["npm ci"] });
    const id = world.hooks.records.get("agent-1")?.on_create?.id ?? "";
    expect(await due({ on_create: ["npm ci"] })).toEqual(["hook.create: its last run was cut off"]);
    behaviour = () => 0;
    ran = [];
    await up(1, { on_create: ["npm ci"] });
    expect(ran).toEqual([`agent-1: end: ${id}`, "agent-1: on_create: npm ci"]);
    expect(await due({ on_create: ["npm ci"] })).toEqual([]);
  });

  test("what another devkit has run meanwhile does not run again", async () => {
    const { hold } = world.locks;
    world.locks.hold = async (name, work) => {
      if (name === "hooks-agent-1") {
        world.locks.hold = hold;
        await up(1, { on_create: ["npm ci"] });
      }
      return hold(name, work);
    };
    await up(1, { on_create: ["npm ci"] });
    expect(ran).toEqual(["agent-1: on_create: npm ci"]);
  });

  test("of an agent that did not come up do not run", async () => {
    world.before = (operation, subject) => {
      if (operation === "start" && subject.endsWith("agent-1")) throw new DevkitError("E_ENGINE", "no");
    };
    expect(codes(await up(2)).sort()).toEqual(["E_ENGINE", undefined]);
    expect(ran.some((one) => one.startsWith("agent-1"))).toBe(false);
    expect(ran).toContain("agent-2: on_create: npm ci");
  });

  test("an interruption leaves it cut off, not failed", async () => {
    const controller = new AbortController();
    behaviour = () => {
      controller.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
      controller.signal.throwIfAborted();
      return 0;
    };
    expect(codes(await up(1, { on_create: ["npm ci"] }, { signal: controller.signal }))).toEqual([
      "E_INTERRUPTED",
    ]);
    expect(await due({ on_create: ["npm ci"] })).toEqual(["hook.create: its last run was cut off"]);
  });
});

describe("hook run", () => {
  const run = (hook: "maintain" | "on_create", selectors: string[] = []) =>
    runNamedHook(world.deps, {
      hook,
      selectors,
      settingsOf: () => settingsWith(HOOKS),
      envOf: ({ agent }) => Promise.resolve({ KEY: `of ${agent.name}` }),
      signal: new AbortController().signal,
    });

  test("runs it in all that run, or in those named, also again", async () => {
    await up(2);
    ran = [];
    await run("maintain");
    await run("on_create", ["2"]);
    expect([...ran].sort()).toEqual([
      "agent-1: maintain: clean",
      "agent-2: maintain: clean",
      "agent-2: on_create: build",
      "agent-2: on_create: npm ci",
    ]);
  });

  test("gives commands the user's variables, each agent its own", async () => {
    await up(2);
    const keys: (string | undefined)[] = [];
    const { exec } = world.engine;
    world.engine.exec = (id, request, streams) => {
      if (request.env["DEVKIT_HOOK"] === "maintain") keys.push(request.env["KEY"]);
      return exec(id, request, streams);
    };
    await run("maintain");
    expect(keys.sort()).toEqual(["of agent-1", "of agent-2"]);
  });

  test("refuses an agent that does not run, and hooks that nobody has", async () => {
    await up(1);
    for (const { id } of agentContainers(world.engine)) await world.engine.stopContainer(id);
    expect(await errorOf(run("maintain", ["1"]))).toMatchObject({ code: "E_AGENT_NOT_RUNNING" });
    expect(await run("maintain")).toEqual([]);
  });
});

describe("agent up and host hooks", () => {
  const approved = new Set<string>();
  const own: HostHook = { command: "mine", origin: "", needsTrust: false };
  const theirs: HostHook = { command: "theirs", origin: "devkit.toml", needsTrust: true };
  const host = (hooks: HostHook[], code = 0, reaches: HostReach[] = []): HostHooks => ({
    hooks,
    reaches,
    programs: [],
    trust: {
      load: () => Promise.resolve(approved),
      approvedTexts: () => Promise.resolve(new Set()),
      add: (hash) => Promise.resolve(void approved.add(hash)),
      revoke: () => Promise.resolve(0),
    },
    runCommand: ({ command }) => {
      ran.push(`host: ${command}`);
      return Promise.resolve(code);
    },
  });
  beforeEach(() => {
    approved.clear();
  });

  test("refuses before anything is made while the repository's are not approved", async () => {
    expect(await errorOf(up(1, {}, { hostHooks: host([own, theirs]) }))).toMatchObject({
      code: "E_UNTRUSTED",
      exitCode: 5,
      hint: expect.stringContaining("devkit trust") as string,
    });
    expect([ran, world.engine.changes, world.log.filter((line) => line.startsWith("worktree"))]).toEqual([
      [],
      [],
      [],
    ]);
  });

  test("the same for what they take from outside of the repository, and approving one is not approving the other", async () => {
    const { loadTrust } = await import("../../../../src/app/hooks/host-hooks.js");
    const reach = { what: "the mount /data:/data:ro", origin: "devkit.toml" };
    const taking = host([], 0, [reach]);
    const error = await errorOf(up(1, {}, { hostHooks: taking }));
    expect(error).toMatchObject({ code: "E_UNTRUSTED", details: { commands: [], reaches: [reach] } });
    expect(error.message).toContain("take 1 thing from outside of it");
    await up(1, {}, { hostHooks: taking, dryRun: true });
    expect(world.progress.warnings.join()).toContain("take 1 thing from outside of it");
    approved.add((await loadTrust(host([{ ...theirs, command: reach.what }]))).hash);
    expect((await errorOf(up(1, {}, { hostHooks: taking }))).code).toBe("E_UNTRUSTED");
    approved.add((await loadTrust(taking)).hash);
    expect((await up(1, {}, { hostHooks: taking })).agents).toHaveLength(1);
  });

  test("runs them once something is started, in order, and not otherwise", async () => {
    const { loadTrust } = await import("../../../../src/app/hooks/host-hooks.js");
    const hooks = host([own, theirs]);
    approved.add((await loadTrust(hooks)).hash);
    await up(1, { on_create: ["npm ci"] }, { hostHooks: hooks });
    expect(ran).toEqual(["host: mine", "host: theirs", "agent-1: on_create: npm ci"]);
    expect((await up(1, { on_create: ["npm ci"] }, { hostHooks: hooks })).hostHooks).toEqual([]);
    expect(ran).toHaveLength(3);
    expect(
      await errorOf(up(1, {}, { hostHooks: host([theirs, { ...theirs, command: "more" }]) })),
    ).toMatchObject({
      code: "E_UNTRUSTED",
    });
  });

  test("the user's own need no approval; one that fails keeps agents from coming up", async () => {
    expect(await errorOf(up(1, {}, { hostHooks: host([own], 9) }))).toMatchObject({
      code: "E_HOOK",
      details: { exitCode: 9 },
    });
    expect(world.engine.changes.filter((line) => line.startsWith("create"))).toEqual([]);
  });
});
