import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { SpecOf } from "../../../../src/app/agents/list.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import { expireTrash } from "../../../../src/app/custody/expire-trash.js";
import { finishTrash } from "../../../../src/app/custody/finish-trash.js";
import { killAgents } from "../../../../src/app/custody/kill.js";
import { listHomes, restoreHome } from "../../../../src/app/identity/restore-home.js";
import { resetHome, type ResetHomeRequest } from "../../../../src/app/identity/reset-home.js";
import type { ProjectDeps } from "../../../../src/app/ports.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { agentContainers, agentStates } from "../../support/containers.js";
import { mortal } from "../../support/mortal.js";
import { createRepo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

let agents: Agents;
const homeOf = (index: number) => agentPaths(agents.deps.project, agentAt(index)).home;
const stateOf = (index: number) => path.dirname(homeOf(index));
const put = (index: number, file: string, text: string, mode = 0o600) => {
  const at = path.join(homeOf(index), file);
  mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
  writeFileSync(at, text, { mode });
};
const has = (index: number, file: string) => existsSync(path.join(homeOf(index), file));
/** As its container was made. */
const wanted: SpecOf = async (agent) =>
  agentContainers(agents.engine).find(({ spec }) => spec.hostname === agent.name)?.spec ?? agents.spec(agent);
const request = (index: number, change: Partial<ResetHomeRequest> = {}): ResetHomeRequest => ({
  ...{ selector: String(index), keepAuth: false, force: false, wanted, now: new Date() },
  ...change,
});
const reset = (index: number, change: Partial<ResetHomeRequest> = {}, deps = agents.deps) =>
  resetHome(deps, request(index, change));
/** Nothing half-made beside the home, and every home in the trash is whole. */
const expectTidy = (index: number) => {
  expect(readdirSync(stateOf(index)).filter((name) => /^\.|swap/.test(name))).toEqual([]);
};

describe("a fresh home", () => {
  beforeEach(async () => {
    agents = await bringUpAgents(await createRepo(), 1);
    put(1, "mine.txt", "mine");
    put(1, ".codex/auth.json", "token");
  });

  test("takes the place of the old one, which is in the trash whole; the agent's work is as it was", async () => {
    await agents.commit(1, "work.txt");
    const before = await agents.git(1, "log", "--format=%H", "--all");
    const { id, stopped } = await reset(1);
    expect(stopped).toBe(true);
    expect(agentStates(agents.engine)).toEqual(["agent-1 exited"]);
    expect([has(1, "mine.txt"), has(1, ".codex/auth.json"), has(1, ".ssh"), has(1, ".gitconfig")]).toEqual([
      ...[false, false],
      ...[true, true],
    ]);
    expect(statSync(homeOf(1)).mode & 0o777).toBe(0o700);
    const old = path.join(agents.deps.project.stateDir, "trash", id, "home");
    expect(readFileSync(path.join(old, "mine.txt"), "utf8")).toBe("mine");
    expect(await agents.git(1, "log", "--format=%H", "--all")).toBe(before);
    expect(existsSync(path.join(agents.worktreeOf(1), "work.txt"))).toBe(true);
    expectTidy(1);
  });

  test("is refused while commands run in it, and with force ends them", async () => {
    const busy: ProjectDeps = {
      ...agents.deps,
      engine: { ...agents.engine, countExecs: () => Promise.resolve(2) },
    };
    expect(await errorOf(reset(1, {}, busy))).toMatchObject({
      code: "E_AGENT_BUSY",
      exitCode: 5,
      message: expect.stringMatching(/^agent-1: 2 commands run in it/) as string,
      hint: expect.stringMatching(/--force/) as string,
    });
    expect([has(1, "mine.txt"), agentStates(agents.engine)]).toEqual([true, ["agent-1 running"]]);
    await reset(1, { force: true }, busy);
    expect(has(1, "mine.txt")).toBe(false);
  });

  test("is refused where the agent could not be started again as it is", async () => {
    const other = async (agent: ReturnType<typeof agentAt>) => {
      const spec = await wanted(agent);
      return { ...spec, labels: { ...spec.labels, "dev.devkit.config-hash": "other" } };
    };
    expect(await errorOf(reset(1, { wanted: other }))).toMatchObject({
      code: "E_AGENT_BUSY",
      hint: expect.stringMatching(/devkit agent down 1/) as string,
    });
    await agents.stop(1);
    expect((await reset(1, { wanted: other })).stopped).toBe(false);
  });

  test("there is none for an agent that is not there, and nothing to replace where there was no home", async () => {
    expect(await errorOf(reset(7))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    execFileSync("rm", ["-rf", homeOf(1)]);
    expect(await errorOf(reset(1))).toMatchObject({ message: "agent-1 has no home yet" });
  });

  test("replaces one that the agent closed to its own user", async () => {
    chmodSync(homeOf(1), 0o000);
    const { id } = await reset(1);
    expect(existsSync(path.join(agents.deps.project.stateDir, "trash", id, "home/mine.txt"))).toBe(true);
  });

  test("can be undone by the id of the old one, as often as one likes; homes expire as everything does", async () => {
    const { id } = await reset(1);
    put(1, "new.txt", "new");
    expect((await listHomes(agents.deps)).map(({ home }) => home.id)).toEqual([id]);
    const restored = await restoreHome(agents.deps, id, new Date());
    expect([has(1, "mine.txt"), has(1, "new.txt")]).toEqual([true, false]);
    expect((await listHomes(agents.deps)).map(({ home }) => home.id)).toEqual([restored?.replaced]);
    await restoreHome(agents.deps, restored?.replaced ?? "", new Date());
    expect([has(1, "mine.txt"), has(1, "new.txt")]).toEqual([false, true]);
    expect(await restoreHome(agents.deps, "1", new Date())).toBeUndefined();
    for (const days of [31, 32]) await expireTrash(agents.deps, new Date(Date.now() + days * 24 * 3600_000));
    expect(await listHomes(agents.deps)).toEqual([]);
    expectTidy(1);
  });

  test("is not given back to an agent that runs, nor to one that is gone", async () => {
    await agents.stop(1);
    const { id } = await reset(1);
    const [container] = agentContainers(agents.engine);
    await agents.engine.startContainer(container?.id ?? "");
    expect(await errorOf(restoreHome(agents.deps, id, new Date()))).toMatchObject({ code: "E_AGENT_BUSY" });
    const kill = { selectors: ["1"], force: true, base: "HEAD", spec: agents.spec, now: new Date() };
    await killAgents(agents.deps, kill);
    expect(await errorOf(restoreHome(agents.deps, id, new Date()))).toMatchObject({
      code: "E_AGENT_UNKNOWN",
    });
  });
});

describe("logins that are kept", () => {
  beforeEach(async () => {
    agents = await bringUpAgents(await createRepo(), 1);
  });

  test("are the ssh keys, the logins of Codex and Claude and the agent's .gitconfig, and nothing else", async () => {
    put(1, ".ssh/id_ed25519", "key", 0o600);
    put(1, ".ssh/id_ed25519.pub", "pub", 0o644);
    put(1, ".ssh/config.d/work", "Host x", 0o644);
    put(1, ".codex/auth.json", "token", 0o644);
    put(1, ".codex/sessions/2026/rollout-1.jsonl", "session");
    put(1, ".claude/.credentials.json", "credentials");
    put(
      1,
      ".claude/.claude.json",
      JSON.stringify({ oauthAccount: { id: 1 }, projects: { "/workspace": "secret" } }),
    );
    put(1, ".claude/projects/x/1.jsonl", "session");
    put(1, ".gitconfig", "[user]\n\tname = Agent\n");
    const { carried } = await reset(1, { keepAuth: true });
    expect([...carried.kept].sort()).toEqual([
      ".claude/.claude.json",
      ".claude/.credentials.json",
      ".codex/auth.json",
      ".gitconfig",
      ".ssh/config.d/work",
      ".ssh/id_ed25519",
      ".ssh/id_ed25519.pub",
    ]);
    expect(carried.left).toEqual([]);
    const read = (file: string) => readFileSync(path.join(homeOf(1), file), "utf8");
    expect([read(".codex/auth.json"), read(".ssh/id_ed25519")]).toEqual(["token", "key"]);
    expect(read(".gitconfig")).toContain("name = Agent");
    expect(JSON.parse(read(".claude/.claude.json"))).toEqual({ oauthAccount: { id: 1 } });
    expect([has(1, ".codex/sessions"), has(1, ".claude/projects")]).toEqual([false, false]);
    const modes = [".ssh", ".ssh/id_ed25519", ".ssh/id_ed25519.pub", ".codex/auth.json"];
    expect(modes.map((file) => (statSync(path.join(homeOf(1), file)).mode & 0o777).toString(8))).toEqual([
      ...["700", "600", "644", "600"],
    ]);
  });

  test("are never what a link leads to, a pipe, or a file without end", async () => {
    const outside = await tempDir();
    writeFileSync(path.join(outside, "secret"), "of the host");
    execFileSync("rm", ["-rf", path.join(homeOf(1), ".codex"), path.join(homeOf(1), ".gitconfig")]);
    symlinkSync(outside, path.join(homeOf(1), ".codex"));
    writeFileSync(path.join(outside, "auth.json"), "of the host");
    symlinkSync(path.join(outside, "secret"), path.join(homeOf(1), ".ssh/id"));
    symlinkSync(path.join(outside, "secret"), path.join(homeOf(1), ".gitconfig"));
    symlinkSync(outside, path.join(homeOf(1), ".ssh/dir"));
    execFileSync("mkfifo", [path.join(homeOf(1), ".claude/.credentials.json")]);
    put(1, ".ssh/huge", "x".repeat(2 * 1024 ** 2));
    put(1, ".ssh/a/b/c/d/deep", "x");
    const { carried } = await reset(1, { keepAuth: true });
    expect(carried.kept).toEqual([]);
    expect([...carried.left].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: ".claude/.credentials.json", reason: "it is no plain file" },
      { path: ".gitconfig", reason: "it is no plain file" },
      { path: ".ssh/a/b/c/d", reason: "it lies too deep" },
      { path: ".ssh/dir", reason: "it is no plain file" },
      { path: ".ssh/huge", reason: "it is too large" },
      { path: ".ssh/id", reason: "it is no plain file" },
    ]);
    expect(spawnSync("grep", ["-rl", "of the host", homeOf(1)]).stdout.toString()).toBe("");
  });
});

describe("killed after any step", { timeout: 120_000 }, () => {
  /** Once for each step; answers how many there are. */
  async function dieEverywhere(
    count: number,
    work: (deps: ProjectDeps, index: number) => Promise<unknown>,
    check: (index: number, began: boolean) => Promise<void>,
  ) {
    for (let index = 1; index <= count; index += 1) {
      const { deps, changes } = mortal(agents.deps, index);
      await work(deps, index).catch(() => undefined);
      const isBegun = existsSync(path.join(stateOf(index), "home-swap.json"));
      await finishTrash(agents.deps);
      await check(index, isBegun);
      if (changes() < index) return index;
    }
    throw new Error("it has more steps than the test knows");
  }

  /** Exactly one home and, once it was replaced, the other in the trash: nothing is lost and nothing half-made. */
  async function expectOneHome(index: number): Promise<boolean> {
    const homes = (await listHomes(agents.deps)).filter(({ home }) => home.agent.index === index);
    const isFresh = !has(index, "mine.txt");
    expect([has(index, ".gitconfig"), has(index, ".ssh"), homes.length]).toEqual([
      true,
      true,
      isFresh ? 1 : 0,
    ]);
    for (const { home } of homes) {
      const old = path.join(agents.deps.project.stateDir, "trash", home.id, "home");
      expect(readFileSync(path.join(old, "mine.txt"), "utf8")).toBe("mine");
    }
    return isFresh;
  }

  test("a reset is done or not begun after the next command, and agent up makes the agent whole", async () => {
    const count = 10;
    agents = await bringUpAgents(await createRepo(), count);
    for (let index = 1; index <= count; index += 1) {
      put(index, "mine.txt", "mine");
      put(index, ".codex/auth.json", "token");
    }
    const steps = await dieEverywhere(
      count,
      (deps, index) => reset(index, { keepAuth: true }, deps),
      async (index, isBegun) => {
        const isFresh = await expectOneHome(index);
        if (isBegun) expect(isFresh).toBe(true);
        // Never without the logins that were to be kept.
        expect(has(index, ".codex/auth.json")).toBe(true);
        expect(
          agentStates(agents.engine).find((one) => one.startsWith(`agent-${String(index)} `)),
        ).toBeDefined();
        if (isFresh) expectUnmounted(index);
      },
    );
    expect(steps).toBeGreaterThan(6);
    const { signal } = new AbortController();
    await bringUp(agents.deps, { ...agents.upRequest, count, signal });
    expect(agentStates(agents.engine).every((one) => one.endsWith(" running"))).toBe(true);
    for (let index = 1; index <= count; index += 1) expectTidy(index);
  });

  /** A container that goes on would go on in the old home. */
  const expectUnmounted = (index: number) => {
    expect(agentStates(agents.engine)).toContain(`agent-${String(index)} exited`);
  };

  test("a home comes back whole, or is still in the trash", async () => {
    const count = 7;
    agents = await bringUpAgents(await createRepo(), count);
    const ids = new Map<number, string>();
    for (let index = 1; index <= count; index += 1) {
      put(index, "mine.txt", "mine");
      ids.set(index, (await reset(index)).id);
    }
    const steps = await dieEverywhere(
      count,
      (deps, index) => restoreHome(deps, ids.get(index) ?? "", new Date()),
      async (index) => {
        if (!has(index, "mine.txt")) await restoreHome(agents.deps, ids.get(index) ?? "", new Date());
        expect(has(index, "mine.txt")).toBe(true);
        const homes = (await listHomes(agents.deps)).filter(({ home }) => home.agent.index === index);
        expect(homes.map(({ home }) => home.id)).not.toContain(ids.get(index));
        expect(homes).toHaveLength(1);
        expectTidy(index);
      },
    );
    expect(steps).toBeGreaterThan(4);
  });
});
