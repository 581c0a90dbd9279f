import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";
import { finishAgents } from "../../../../src/app/agents/finish-agents.js";
import type { SpawnDeps } from "../../../../src/app/agents/spawn-deps.js";
import { undoSpawn } from "../../../../src/app/agents/spawn-undo.js";
import type { SpawnRequest } from "../../../../src/app/agents/spawn.js";
import { RUNTIMES, type AgentRuntime } from "../../../../src/domain/agents/runtime.js";
import { DevkitError, toDevkitError } from "../../../../src/base/errors.js";
import { locksDir } from "../../../../src/domain/identity/project.js";
import { mortal } from "../../support/mortal.js";
import { createSpawnStand, type SpawnStand } from "../../support/spawn-stand.js";

let stand: SpawnStand;

beforeEach(async () => {
  stand = await createSpawnStand();
});

const shown = (result: Awaited<ReturnType<SpawnStand["spawn"]>>) =>
  result.spawned.map(({ agent, branch, task, session }) =>
    [agent.name, branch, task?.id ?? "idle", session ?? "-"].join(" "),
  );

const codeOf = (asked: Partial<SpawnRequest>, deps?: SpawnDeps) =>
  stand.spawn(asked, deps).then(
    () => "done",
    (error: unknown) => toDevkitError(error).code,
  );

describe("agents that are spawned", () => {
  test("get the next task each, a branch for it, and a session with their program", async () => {
    await stand.add("Implement OAuth login", "Fix pooling");
    const result = await stand.spawn({ count: 3 });
    expect(result.outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(shown(result)).toEqual([
      "agent-1 agent/agent-1/tsk-1 TSK-1 devkit-agent-1",
      "agent-2 agent/agent-2/tsk-2 TSK-2 devkit-agent-2",
      "agent-3 agent/agent-3/idle idle devkit-agent-3",
    ]);
    expect(stand.task("TSK-1")).toMatchObject({ status: "in_progress", branch: "agent/agent-1/tsk-1" });
    expect(stand.claims()).toEqual(["TSK-1 agent-1", "TSK-2 agent-2"]);
    const first = stand.sessions.started[0];
    const program = ["devkit", "-C", stand.repo.root, "exec", "agent-1", "--"];
    expect(first?.argv).toEqual([...program, "env", "DEVKIT_TASK=TSK-1", "cat"]);
    expect(first?.title).toBe("agent-1 · agent/agent-1/tsk-1");
    expect(await stand.agents.git(1, "symbolic-ref", "HEAD")).toBe("refs/heads/agent/agent-1/tsk-1");
    expect([1, 2, 3].map((index) => stand.headOf(index))).toEqual(["TSK-1", "TSK-2", undefined]);
    expect(await stand.agents.git(1, "status", "--porcelain")).toBe("");
    expect(await stand.deps.journal.list()).toEqual([]);
  });

  test("have the names asked for, the next indexes, and no session or task where none is wanted", async () => {
    await stand.add("stays");
    await stand.spawn({ name: "agent-4", hasSession: false, assigns: false });
    const { spawned } = await stand.spawn({ name: "docs", count: 2, hasSession: false, assigns: false });
    expect(spawned.map(({ agent }) => agent)).toEqual([
      { index: 5, name: "docs-1" },
      { index: 6, name: "docs-2" },
    ]);
    expect(stand.sessions.started).toEqual([]);
    expect(stand.claims()).toEqual([]);
    expect(await stand.repo.git("branch", "--list", "agent/docs-2/*")).toContain("agent/docs-2/idle");
  });
});

describe("nothing is there of an agent", () => {
  const traces = async () => [await stand.traces(), stand.claims()];

  test("without a tmux that is needed, or with a name that cannot be one or is taken", async () => {
    await stand.add("stays pending");
    stand.sessions.isThere = false;
    expect(await codeOf({})).toBe("E_TOOL_MISSING");
    stand.sessions.isThere = true;
    for (const name of ["../x", "a b", "-x", "a:b", "a.b", "x".repeat(300), "ünï", "main"])
      expect(await codeOf({ name })).toBe("E_USAGE");
    await stand.repo.git("branch", "agent/docs/idle");
    expect(await codeOf({ name: "docs" })).toBe("E_AGENT_EXISTS");
    expect(await traces()).toEqual([["refs/heads/agent/docs/idle"], []]);
    expect(stand.task("TSK-1")?.status).toBe("pending");
  });

  test("whose program is not in it, or for which no engine answers", async () => {
    await stand.add("stays pending");
    const { settings } = stand.request;
    const agent = { ...settings.agent, command: "no-such-program" };
    const { outcomes } = await stand.spawn({ name: "docs", settingsOf: () => ({ ...settings, agent }) });
    expect(outcomes[0]?.error?.code).toBe("E_CLI_MISSING");
    expect(await traces()).toEqual([[], []]);
    expect(stand.task("TSK-1")).toMatchObject({ status: "pending", startedAt: undefined });
    const listContainers = () => Promise.reject(new DevkitError("E_ENGINE_UNAVAILABLE", "no engine"));
    expect(await codeOf({}, { ...stand.deps, engine: { ...stand.agents.engine, listContainers } })).toBe(
      "E_ENGINE_UNAVAILABLE",
    );
    expect(await traces()).toEqual([[], []]);
  });

  test("that fails, while the others of the same call stay", async () => {
    await stand.add("one", "two", "three");
    stand.sessions.beforeStart = ({ agent }) => {
      if (agent === "agent-2") throw new DevkitError("E_ENGINE", "no more sessions");
    };
    const { spawned, outcomes } = await stand.spawn({ count: 3 });
    expect(spawned.map(({ agent }) => agent.name)).toEqual(["agent-1", "agent-3"]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, "E_ENGINE", undefined]);
    expect(stand.claims()).toEqual(["TSK-1 agent-1", "TSK-3 agent-3"]);
    expect(stand.task("TSK-2")?.status).toBe("pending");
    expect((await stand.traces()).filter((trace) => trace.includes("agent-2"))).toEqual([]);
  });
});

describe("what is not of its making stays when a spawn is taken back:", () => {
  const inDevRoot = (): Partial<SpawnRequest> => {
    const settings = {
      ...stand.request.settings,
      worktrees: { ...stand.request.settings.worktrees, layout: "dev-root" as const },
    };
    return { name: "docs", settings, settingsOf: () => settings };
  };
  const place = () => path.join(path.dirname(stand.repo.root), "agent1", path.basename(stand.repo.root));
  const filesThere = async () => (await readdir(place())).sort();

  test("a clone, a worktree or a bare .git of the user's in its place", async () => {
    await stand.add("stays pending");
    const { git } = stand.repo;
    for (const make of [
      () => git("clone", "-q", stand.repo.root, place()),
      () => git("worktree", "add", "-q", "-b", "mine", place()),
      () => git("clone", "-q", "--no-checkout", stand.repo.root, place()),
    ]) {
      await make();
      const before = await filesThere();
      for (const _ of [1, 2]) expect(await codeOf(inDevRoot())).toBe("E_WORK_IN_THE_WAY");
      expect(await filesThere()).toEqual(before);
      expect(await stand.traces()).toEqual([]);
      expect(stand.claims()).toEqual([]);
      await rm(place(), { recursive: true });
      await git("worktree", "prune");
    }
  });

  test("a directory that came there once it was begun, or files in the place inside the project", async () => {
    const { journal } = stand.deps;
    const update: typeof journal.update = async (work) => {
      await journal.update(work);
      await stand.repo.git("clone", "-q", stand.repo.root, place());
    };
    const { outcomes } = await stand.spawn(inDevRoot(), { ...stand.deps, journal: { ...journal, update } });
    expect(outcomes[0]?.error?.code).toBe("E_WORK_IN_THE_WAY");
    expect(await filesThere()).toEqual([".git", "README.md", "src"]);
    expect(await stand.traces()).toEqual([]);
    await stand.repo.write(".devkit/agents/guide/mine.txt", "mine");
    expect(await codeOf({ name: "guide" })).toBe("E_WORK_IN_THE_WAY");
    expect(await readdir(path.join(stand.repo.root, ".devkit/agents/guide"))).toEqual(["mine.txt"]);
    expect(await stand.traces()).toEqual([]);
  });

  test.each([true, false])("commits that were made in it, home already: %s", async (isHome) => {
    let commit = "";
    stand.sessions.beforeStart = async () => {
      commit = await stand.agents.commit(1, "mine.txt");
      if (isHome) await stand.agents.sync(1);
      throw new DevkitError("E_ENGINE", "no more sessions");
    };
    const { outcomes } = await stand.spawn();
    expect(outcomes[0]?.error?.code).toBe("E_ENGINE");
    expect((await stand.traces()).filter((one) => one.startsWith("trash agent-1-"))).toHaveLength(1);
    if (isHome) expect(await stand.repo.git("for-each-ref", "--contains", commit)).toContain("/heads/idle");
  });

  test("nothing of an agent that began at a commit on no branch", async () => {
    await stand.repo.git("checkout", "-q", "--detach");
    await stand.repo.commit("on no branch");
    stand.sessions.beforeStart = () => {
      throw new DevkitError("E_ENGINE", "no more sessions");
    };
    await stand.spawn();
    expect(await stand.traces()).toEqual([]);
  });
});

test("a tmux that cannot be asked keeps no agent without a session from being made, nor any from being taken back", async () => {
  await stand.add("the task");
  const warnings: string[] = [];
  stand.deps.progress.warn = (text) => warnings.push(text);
  stand.sessions.kill = () => Promise.reject(new DevkitError("E_TMUX", "tmux does not answer"));
  stand.sessions.beforeStart = () => {
    throw new DevkitError("E_TMUX", "tmux does not answer");
  };
  const { outcomes } = await stand.spawn();
  expect(outcomes.map(({ error }) => error?.code)).toEqual(["E_TMUX"]);
  expect([await stand.traces(), stand.claims()]).toEqual([[], []]);
  expect(warnings.join()).toMatch(/agent-1 has a tmux session.*does not answer/);
  const { spawned } = await stand.spawn({ hasSession: false });
  expect(spawned.map(({ agent }) => agent.name)).toEqual(["agent-1"]);
});

test("two that spawn at once get other names and other tasks", async () => {
  await stand.add("one", "two", "three", "four");
  const { project, progress } = stand.deps;
  const { signal } = stand.request;
  const locks = createFileLocks({ directory: locksDir(project), progress, signal });
  const deps = { ...stand.deps, locks, uninterrupted: { ...stand.deps, locks } };
  const results = await Promise.all([stand.spawn({ count: 2 }, deps), stand.spawn({ count: 2 }, deps)]);
  const spawned = results.flatMap((result) => result.spawned);
  expect(results.flatMap(({ outcomes }) => outcomes.flatMap(({ error }) => error ?? []))).toEqual([]);
  expect(spawned.map(({ agent }) => agent.index).sort()).toEqual([1, 2, 3, 4]);
  expect(spawned.map(({ task }) => task?.id).sort()).toEqual(["TSK-1", "TSK-2", "TSK-3", "TSK-4"]);
  expect(stand.claims().sort()).toEqual(
    spawned.map(({ agent, task }) => `${task?.id ?? ""} ${agent.name}`).sort(),
  );
});

test("an interrupt leaves those that are whole, and nothing of the others", async () => {
  await stand.add("one", "two");
  const interrupt = new AbortController();
  stand.sessions.beforeStart = () => {
    interrupt.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
  };
  const { sessions, ports } = stand.deps;
  // As those of a real process: whatever is begun after an interrupt is refused.
  const heeding = {
    ...stand.deps,
    sessions: { ...sessions, kill: refusedAfter(interrupt.signal, sessions.kill) },
    ports: { ...ports, change: refusedAfter(interrupt.signal, ports.change) },
  };
  const { outcomes } = await stand.spawn({ count: 2, signal: interrupt.signal }, heeding);
  expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, "E_INTERRUPTED"]);
  expect(stand.claims()).toEqual(["TSK-1 agent-1"]);
  expect((await stand.traces()).filter((trace) => trace.includes("agent-2"))).toEqual([]);
});

function refusedAfter<A extends unknown[], R>(signal: AbortSignal, work: (...args: A) => Promise<R>) {
  return (...args: A) => (signal.aborted ? Promise.reject(signal.reason as Error) : work(...args));
}

describe("a spawn that is killed", () => {
  const MORE = {
    engine: ["createContainer", "createNetwork"],
    state: ["createHome", "createPrivateGit", "enrol"],
    journal: ["begin", "update", "end"],
    sessions: ["start", "kill"],
  };
  /** Whoever looks later finds that process dead. */
  const later = (): SpawnDeps => ({
    ...stand.deps,
    journal: { ...stand.deps.journal, left: () => stand.deps.journal.list() },
  });
  const killedAfter = async (last: number, runtime: AgentRuntime) => {
    const { deps, changes } = mortal<SpawnDeps>(stand.deps, last, MORE);
    let isDead = false;
    const store = {
      ...stand.deps.pool.store,
      update: (...args: Parameters<typeof stand.deps.pool.store.update>) => {
        isDead ||= changes() >= last;
        return isDead ? Promise.reject(new Error("killed")) : stand.deps.pool.store.update(...args);
      },
    };
    const pool = { ...stand.deps.pool, store };
    await stand
      .spawn({ name: "docs", runtime }, { ...deps, pool, uninterrupted: { ...deps, pool } })
      .catch(() => undefined);
    return changes();
  };

  test.each(RUNTIMES)(
    "leaves a whole agent or nothing, once somebody has looked: %s",
    async (runtime) => {
      await stand.add("the task");
      const total = await killedAfter(1000, runtime);
      const rounds = Number(process.env["DEVKIT_CRASH_ROUNDS"] ?? 4);
      const step = Math.max(1, Math.floor(total / rounds));
      await undoSpawn(
        stand.deps,
        { kind: "spawn", agent: { index: 1, name: "docs" }, isBegun: true },
        new Date(),
      );
      for (let last = 1; last <= total; last += step) {
        await killedAfter(last, runtime);
        await finishAgents(later(), new Date());
        const traces = await stand.traces();
        expect(
          traces.filter((one) => /^(note|trash)/.test(one)),
          `after ${String(last)}`,
        ).toEqual([]);
        if (traces.length === 0) expect(stand.claims()).toEqual([]);
        else {
          expect(traces).toContain("session docs");
          if (runtime === "container") expect(traces).toContain("container docs");
          expect(traces).toContain("branch refs/heads/agent/docs/tsk-1");
          expect(stand.claims()).toEqual(["TSK-1 docs"]);
        }
        await undoSpawn(
          stand.deps,
          { kind: "spawn", agent: { index: 1, name: "docs" }, isBegun: true },
          new Date(),
        );
      }
    },
    300_000,
  );
});
