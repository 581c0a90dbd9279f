import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { finishTask, releaseTask } from "../../../../src/app/tasks/finish-task.js";
import { nextTask } from "../../../../src/app/tasks/next-task.js";
import { removeTask } from "../../../../src/app/tasks/remove-task.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import { createPool, LEASE_MS, type TestPool } from "../../support/pool.js";

let pool: TestPool;

const one = { agent: "agent-1" };
const main = { agent: "main", force: true };
const headOf = (agent: string) => pool.deps.local(agent)?.head();
const start = (actor: { agent: string }, id: string) => takeTask(pool.deps, { actor, id, start: true });

beforeEach(async () => {
  pool = await createPool();
  for (const agent of ["agent-1", "main"])
    await mkdir(path.join(pool.root, "worktrees", agent), { recursive: true });
  for (const title of ["first", "second"]) await addTask(pool.deps, { title });
});

test("whoever begins a task has it in HEAD until it is done or given back", async () => {
  await takeTask(pool.deps, { actor: one, id: "TSK-1", start: false });
  expect(headOf("agent-1")).toBeUndefined();
  await nextTask(pool.deps, one, { start: true });
  expect([headOf("agent-1"), headOf("main")]).toEqual(["TSK-1", undefined]);
  await start(one, "TSK-2");
  expect(headOf("agent-1")).toBe("TSK-2");
  await finishTask(pool.deps, { actor: one, id: "TSK-2", note: undefined });
  expect(headOf("agent-1")).toBe("TSK-1");
  await releaseTask(pool.deps, { actor: one, id: undefined });
  expect(headOf("agent-1")).toBeUndefined();
});

test("what is taken from somebody is in their HEAD no more", async () => {
  await start(one, "TSK-1");
  await start(main, "TSK-1");
  expect([headOf("agent-1"), headOf("main")]).toEqual([undefined, "TSK-1"]);
  await removeTask(pool.deps, main, "TSK-1");
  expect(headOf("main")).toBeUndefined();
  await start(one, "TSK-2");
  pool.now += LEASE_MS + 1;
  await start({ agent: "main" }, "TSK-2");
  expect([headOf("agent-1"), headOf("main")]).toEqual([undefined, "TSK-2"]);
});

test("an agent that puts something in the way of its HEAD changes nothing in the pool", async () => {
  await symlink("/", path.join(pool.root, "worktrees/agent-1/.devkit"));
  expect((await start(one, "TSK-1")).claim?.agent).toBe("agent-1");
  expect(pool.warnings).toEqual([expect.stringContaining(".devkit/HEAD of")]);
  expect((await finishTask(pool.deps, { actor: one, id: "TSK-1", note: undefined })).status).toBe("done");
});
