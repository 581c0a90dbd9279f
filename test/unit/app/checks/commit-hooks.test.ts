import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { afterCommit, commitTrailers } from "../../../../src/app/checks/commit-hooks.js";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import { TASK_LIMITS } from "../../../../src/domain/tasks/task-limits.js";
import { createPool, type TestPool } from "../../support/pool.js";

let pool: TestPool;

const AGENT = "agent-1";
const SAID = { checkId: "docs", message: "yes", verifiedBy: AGENT, createdAt: "2026-01-01T00:00:00Z" };
const VERIFY = "Devkit-Verify: docs | yes | agent-1";
const PARTIAL = "Devkit-Task: TSK-1 | partial | first";
const DONE = "Devkit-Task: TSK-1 | done | first";

const deps = () => ({ checks: pool.deps, tasks: pool.deps });
const local = () => pool.deps.local(AGENT);
const start = (id: string, agent = AGENT) => takeTask(pool.deps, { actor: { agent }, id, start: true });
const trailersFor = (action: "continue" | "done" | "skip") =>
  commitTrailers(deps(), { agent: AGENT, existing: [], action }).map(({ line }) => line);
const committed = (trailers: string[], files: string[]) =>
  afterCommit(deps(), { agent: AGENT, trailers, files });

beforeEach(async () => {
  pool = await createPool();
  await mkdir(path.join(pool.root, "worktrees", AGENT), { recursive: true });
  for (const title of ["first", "second"]) await addTask(pool.deps, { title });
});

test("a commit says what was verified, and what its agent works on", async () => {
  expect(trailersFor("continue")).toEqual([]);
  await start("TSK-1");
  local()?.setStaged([SAID]);
  expect(trailersFor("continue")).toEqual([VERIFY, PARTIAL]);
  expect(trailersFor("done")).toEqual([VERIFY, DONE]);
  expect(trailersFor("skip")).toEqual([VERIFY]);
});

test("a HEAD that the agent wrote itself counts only as far as the pool agrees", async () => {
  await start("TSK-1");
  await start("TSK-2", "agent-2");
  for (const text of ["TSK-2\n", "TSK-99\n", "nonsense"]) {
    await writeFile(path.join(pool.root, "worktrees", AGENT, ".devkit/HEAD"), text);
    expect(trailersFor("continue")).toEqual([PARTIAL]);
  }
  await pool.write("TSK-9", "not a task");
  await writeFile(path.join(pool.root, "worktrees", AGENT, ".devkit/HEAD"), "TSK-9\n");
  expect(trailersFor("continue")).toEqual([PARTIAL]);
});

test("what a commit says is verified is staged no more; what came meanwhile is", async () => {
  const later = { ...SAID, message: "looked again" };
  local()?.setStaged([SAID, { ...later, checkId: "spell" }]);
  await committed([VERIFY], []);
  expect(local()?.staged()).toEqual([{ ...later, checkId: "spell" }]);
});

test("a task is about the files that were committed for it, and done when the commit says so", async () => {
  await start("TSK-1");
  await committed([PARTIAL], ["src/a", "x\u001by", "z".repeat(400)]);
  await committed([PARTIAL], ["src/b", "src/a"]);
  expect((await pool.read("TSK-1"))["scope"]).toEqual(["src/a", "src/b"]);
  const many = Array.from({ length: 500 }, (_, number) => `f${String(number)}`);
  await committed([DONE], many);
  expect(await pool.read("TSK-1")).toMatchObject({ status: "done", claims: 1 });
  expect((await pool.read("TSK-1"))["scope"]).toHaveLength(TASK_LIMITS.list);
  expect(local()?.head()).toBeUndefined();
});

test("a trailer that somebody wrote by hand changes nobody else's task", async () => {
  await start("TSK-1", "agent-2");
  for (const line of [DONE, "Devkit-Task: TSK-99 | done | x", "Devkit-Task: ../x | done | x"])
    await committed([line], ["src/a"]);
  expect(await pool.read("TSK-1")).toMatchObject({ status: "in_progress", claimed_by: "agent-2" });
  expect((await pool.read("TSK-1"))["scope"]).toBeUndefined();
});
