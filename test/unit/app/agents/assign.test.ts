import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { assignTask, type AssignRequest } from "../../../../src/app/agents/assign.js";
import { finishAgents } from "../../../../src/app/agents/finish-agents.js";
import type { SpawnDeps } from "../../../../src/app/agents/spawn-deps.js";
import { readHostileFile } from "../../../../src/adapters/fs/atomic-file.js";
import { DevkitError, toDevkitError } from "../../../../src/base/errors.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import { mortal } from "../../support/mortal.js";
import { createSpawnStand, type SpawnStand } from "../../support/spawn-stand.js";

let stand: SpawnStand;

beforeEach(async () => {
  stand = await createSpawnStand();
  await stand.add("one", "two", "three");
  await stand.spawn();
});

const request = (task: string, force = false): AssignRequest => ({
  ...{ selector: "agent-1", task, force, base: "HEAD", now: new Date() },
});
const assign = (task: string, force = false) => assignTask(stand.deps, request(task, force));
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => `${toDevkitError(error).code}: ${toDevkitError(error).message}`,
  );
const headOf = () => stand.agents.git(1, "symbolic-ref", "--short", "HEAD");
const lateFile = (name = "late.txt", text = "late") =>
  writeFile(path.join(stand.agents.worktreeOf(1), name), text);

describe("an agent that gets another task", () => {
  test("is on a branch for it that starts at the base, with its commits where they were, and is told", async () => {
    const commit = await stand.agents.commit(1, "mine.txt");
    const { branch, released, task } = await assign("tsk-2");
    expect([branch, released, task.title]).toEqual(["agent/agent-1/tsk-2", ["TSK-1"], "two"]);
    expect([stand.claims(), stand.headOf(1)]).toEqual([["TSK-2 agent-1"], "TSK-2"]);
    expect(stand.task("TSK-1")).toMatchObject({ status: "pending", startedAt: undefined });
    expect(stand.task("TSK-2")).toMatchObject({ status: "in_progress", branch });
    expect(await headOf()).toBe(branch);
    const { git } = stand.repo;
    expect(await git("rev-parse", branch)).toBe(await git("rev-parse", "main"));
    expect(await git("rev-parse", "agent/agent-1/tsk-1")).toBe(commit);
    expect(await git("worktree", "list", "--porcelain")).toContain(`branch refs/heads/${branch}`);
    expect(stand.sessions.messages.join()).toContain("agent-1: You have another task: TSK-2 - two.");
    const notice = path.join(stand.agents.deps.project.stateDir, "broker/notices/agent-1.json");
    expect(readHostileFile(notice, 4096)).toContain("another task: TSK-2 - two");
  });

  test("finds its commits again when it comes back to an earlier one", async () => {
    const commit = await stand.agents.commit(1, "mine.txt");
    await assign("TSK-2");
    await assign("TSK-1");
    expect(await stand.agents.git(1, "rev-parse", "HEAD")).toBe(commit);
    expect(stand.claims()).toEqual(["TSK-1 agent-1"]);
  });

  test("keeps what it has, unless everything can be done", async () => {
    await takeTask(stand.deps.pool, { actor: { agent: "main" }, id: "TSK-3", start: true });
    expect(await problemOf(assign("TSK-3"))).toMatch(/^E_CLAIMED: .*main has it/);
    expect(await problemOf(assign("TSK-9"))).toMatch(/^E_TASK_UNKNOWN/);
    expect(await problemOf(assignTask(stand.deps, { ...request("TSK-2"), selector: "7" }))).toMatch(
      /^E_AGENT_UNKNOWN/,
    );
    await lateFile();
    expect(await problemOf(assign("TSK-2"))).toBe("E_WORK_AT_RISK: agent-1 has 1 untracked file");
    expect(stand.claims()).toEqual(["TSK-1 agent-1", "TSK-3 main"]);
    expect(await headOf()).toBe("agent/agent-1/tsk-1");
    expect(stand.sessions.messages).toEqual([]);
    expect(await stand.deps.journal.list()).toEqual([]);
  });

  test("has not got it when its git only says that it went over", async () => {
    const { engine } = stand.agents;
    const exec: typeof engine.exec = (id, request, streams) =>
      request.argv.includes("agent/agent-1/tsk-2") ? Promise.resolve(0) : engine.exec(id, request, streams);
    const deps = { ...stand.deps, engine: { ...engine, exec } };
    expect(await problemOf(assignTask(deps, request("TSK-2")))).toMatch(/^E_GIT: agent-1 is not on/);
    expect([stand.claims(), stand.headOf(1)]).toEqual([["TSK-1 agent-1"], "TSK-1"]);
  });

  test("has one that it had claimed before as it was, when it cannot go over to it", async () => {
    await takeTask(stand.deps.pool, { actor: { agent: "agent-1" }, id: "TSK-2", start: false });
    const before = stand.task("TSK-2");
    const exec = () => Promise.reject(new DevkitError("E_ENGINE", "no more processes"));
    const deps = { ...stand.deps, engine: { ...stand.agents.engine, exec } };
    expect(await problemOf(assignTask(deps, request("TSK-2")))).toMatch(/^E_ENGINE/);
    expect(before).toMatchObject({ status: "pending", startedAt: undefined, branch: undefined });
    expect(stand.task("TSK-2")).toMatchObject({ status: "pending", startedAt: undefined, branch: undefined });
    expect([stand.claims(), stand.headOf(1)]).toEqual([["TSK-1 agent-1", "TSK-2 agent-1"], "TSK-1"]);
    expect(await stand.deps.journal.list()).toEqual([]);
  });

  test("has it as it was too, when somebody else finds that the process was killed", async () => {
    const { journal, pool } = stand.deps;
    await takeTask(pool, { actor: { agent: "agent-1" }, id: "TSK-2", start: false });
    const end = () => Promise.reject(new Error("killed"));
    const exec = () => Promise.reject(new Error("killed"));
    const update: typeof pool.store.update = async (...args) => {
      if (stand.task("TSK-2")?.status === "in_progress") throw new Error("killed");
      return pool.store.update(...args);
    };
    const dying = { ...pool, store: { ...pool.store, update } };
    const deps: SpawnDeps = {
      ...{ ...stand.deps, journal: { ...journal, end }, pool: dying },
      engine: { ...stand.agents.engine, exec },
      uninterrupted: { ...stand.deps.uninterrupted, pool: dying },
    };
    await assignTask(deps, request("TSK-2")).catch(() => undefined);
    expect([stand.task("TSK-2")?.status, stand.headOf(1)]).toEqual(["in_progress", "TSK-2"]);
    await finishAgents({ ...stand.deps, journal: { ...journal, left: journal.list } }, new Date());
    expect(stand.task("TSK-2")).toMatchObject({ status: "pending", startedAt: undefined, branch: undefined });
    expect([stand.claims(), stand.headOf(1)]).toEqual([["TSK-1 agent-1", "TSK-2 agent-1"], "TSK-1"]);
  });

  test("takes along what is not committed with force, but not over what the branch has there", async () => {
    await stand.agents.commit(1, "README.md", "mine\n");
    await lateFile("README.md", "not committed\n");
    expect(await problemOf(assign("TSK-2", true))).toMatch(/^E_WORK_AT_RISK: .*README.md/);
    expect([stand.claims(), stand.headOf(1)]).toEqual([["TSK-1 agent-1"], "TSK-1"]);
    await stand.agents.git(1, "checkout", "README.md");
    await lateFile();
    await assign("TSK-2", true);
    expect(await stand.agents.git(1, "status", "--porcelain")).toBe("?? late.txt");
    expect(await headOf()).toBe("agent/agent-1/tsk-2");
  });
});

test("an assignment that is killed ends at one of its two ends once somebody has looked", async () => {
  const more = { journal: ["begin", "update", "end"], state: ["setLastSynced"] };
  const later: SpawnDeps = {
    ...stand.deps,
    journal: { ...stand.deps.journal, left: () => stand.deps.journal.list() },
  };
  const killedAfter = async (last: number) => {
    const { deps, changes } = mortal<SpawnDeps>(stand.deps, last, more);
    const { store } = stand.deps.pool;
    const update: typeof store.update = (...args) =>
      changes() >= last ? Promise.reject(new Error("killed")) : store.update(...args);
    const pool = { ...stand.deps.pool, store: { ...store, update } };
    const dying = { ...deps, pool, uninterrupted: { ...deps, pool } };
    await assignTask(dying, request("TSK-2")).catch(() => undefined);
    return changes();
  };
  const total = await killedAfter(1000);
  expect(await headOf()).toBe("agent/agent-1/tsk-2");
  await assign("TSK-1");
  const step = Math.max(1, Math.floor(total / Number(process.env["DEVKIT_CRASH_ROUNDS"] ?? 3)));
  for (let last = 1; last <= total; last += step) {
    await killedAfter(last);
    await finishAgents(later, new Date());
    const task = (await headOf()).endsWith("tsk-2") ? "TSK-2" : "TSK-1";
    expect(stand.claims(), `after ${String(last)}`).toEqual([`${task} agent-1`]);
    expect(stand.headOf(1)).toBe(task);
    expect(await stand.deps.journal.list()).toEqual([]);
    await assign("TSK-1");
  }
}, 120_000);
