import { execFile } from "node:child_process";
import { link, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { addTask } from "../../../../src/app/tasks/add-task.js";
import { importTasks } from "../../../../src/app/tasks/import-tasks.js";
import { listTasks, showTask } from "../../../../src/app/tasks/list-tasks.js";
import { removeTask } from "../../../../src/app/tasks/remove-task.js";
import { createPool, type TestPool } from "../../support/pool.js";
import { errorOf } from "../../support/temp.js";

const NOW = "2026-01-01T00:00:00.000Z";
const small = { title: "x", status: "pending", priority: "p1", created_at: NOW };
const main = { agent: "main" };

let pool: TestPool;

beforeEach(async () => {
  pool = await createPool();
});

const add = async (title = "x", blockedBy: string[] = []) =>
  (await addTask(pool.deps, { title, blockedBy })).id;
const remove = (id: string, force = false) => removeTask(pool.deps, { ...main, force }, id);

describe("numbers", () => {
  test("are one more than the highest, as numbers", async () => {
    await pool.write("TSK-9", small);
    await pool.write("WEB-10", small);
    expect(await add()).toBe("TSK-11");
    // Nothing can be read of it, but it had the number.
    await pool.write("TSK-20", "");
    expect(await add()).toBe("TSK-21");
  });

  test("are never given again, also not that of the highest which was removed", async () => {
    expect([await add(), await add()]).toEqual(["TSK-1", "TSK-2"]);
    await remove("TSK-2");
    await remove("TSK-1");
    expect(await add()).toBe("TSK-3");
  });

  test("of many at once are each given once", async () => {
    const others = await Promise.all(Array.from({ length: 12 }, () => add()));
    expect(new Set(others).size).toBe(12);
    expect(await readdir(path.join(pool.tasksDir, "../staging"))).toEqual([]);
  });

  test("that are all used up are refused", async () => {
    await pool.write("TSK-999999999999999", small);
    expect((await errorOf(add())).code).toBe("E_TASK_INPUT");
  });
});

describe("what is no task in the pool", () => {
  test("is named, each with why, and hides nothing else; nothing is opened through a link or waited for", async () => {
    await add("good");
    await pool.write("TSK-2", "{");
    await pool.write("TSK-3", "x".repeat(300_000));
    await pool.write("notes.txt", "hello");
    await pool.write("TSK-04", small);
    await pool.write("a\u001b[2Jb", small);
    await pool.write("../outside", small);
    await symlink(path.join(pool.tasksDir, "../outside"), path.join(pool.tasksDir, "TSK-5"));
    await mkdir(path.join(pool.tasksDir, "TSK-6"));
    await promisify(execFile)("mkfifo", [path.join(pool.tasksDir, "TSK-7")]);
    const { tasks, total } = listTasks(pool.deps, "main", {});
    expect([tasks.map(({ task }) => task.title), total]).toEqual([["good"], 1]);
    expect([...pool.warnings].sort()).toEqual([
      '"TSK-04" in the pool is no task: it has no id for a name',
      '"TSK-2" in the pool is no task: it is not whole JSON',
      '"TSK-3" in the pool is no task: it is larger than 262144 bytes',
      '"TSK-5" in the pool is no task: it is a link',
      '"TSK-6" in the pool is no task: it is a directory',
      '"TSK-7" in the pool is no task: it is no regular file',
      '"a\\u001b[2Jb" in the pool is no task: it has no id for a name',
      '"notes.txt" in the pool is no task: it has no id for a name',
    ]);
    for (const id of ["TSK-2", "TSK-5", "TSK-6", "TSK-7"]) {
      expect(await errorOf(Promise.resolve().then(() => showTask(pool.deps, id)))).toMatchObject({
        ...{ code: "E_TASK_BROKEN", exitCode: 1, details: { task: id } },
      });
    }
    // It may not be done; so what waits for it waits.
    expect((await errorOf(add("y", ["TSK-2"]))).code).toBe("E_TASK_BROKEN");
  });

  test("in great numbers is counted", async () => {
    await mkdir(pool.tasksDir, { recursive: true });
    await Promise.all(Array.from({ length: 50 }, (_, index) => pool.write(`junk ${String(index)}`, "")));
    listTasks(pool.deps, "main", {});
    expect(pool.warnings).toHaveLength(21);
    expect(pool.warnings.at(-1)).toBe("30 more files in the pool are no tasks");
  });
});

test("a task that is changed keeps what a later version wrote, and a link beside it its content", async () => {
  await pool.write("TSK-1", { ...small, later: { deep: [1] } });
  const other = path.join(pool.root, "other");
  await link(path.join(pool.tasksDir, "TSK-1"), other);
  await pool.deps.store.update("TSK-1", (task) => ({ ...task, title: "new" }));
  expect(await pool.read("TSK-1")).toEqual({ ...small, title: "new", later: { deep: [1] } });
  expect(await pool.read("../../../other")).toMatchObject({ title: "x" });
});

test("a task that would be too large stays as it was", async () => {
  await add();
  const huge = pool.deps.store.update("TSK-1", (task) => ({ ...task, description: "x".repeat(300_000) }));
  expect((await errorOf(huge)).code).toBe("E_TASK_INPUT");
  expect((await pool.read("TSK-1"))["title"]).toBe("x");
});

test("two who change a task at once both get their change", async () => {
  await add();
  const note = (text: string) =>
    pool.deps.store.update("TSK-1", (task) => ({
      ...task,
      notes: [...task.notes, { at: NOW, by: "main", text }],
    }));
  await Promise.all(Array.from({ length: 10 }, (_, index) => note(String(index))));
  expect((await pool.read("TSK-1"))["notes"]).toHaveLength(10);
});

describe("removing", () => {
  test("takes it out of what waits for it; refuses what somebody has or waits for", async () => {
    for (const by of [[], ["TSK-1"], ["TSK-1", "TSK-2"]]) await add("x", by);
    expect((await errorOf(remove("TSK-1"))).message).toBe("TSK-2, TSK-3 wait for TSK-1");
    expect((await remove("TSK-1", true)).freed).toEqual(["TSK-2", "TSK-3"]);
    expect(await pool.read("TSK-3")).toMatchObject({ blocked_by: ["TSK-2"] });
    await pool.write("TSK-9", { ...small, claimed_by: "agent-1" });
    expect((await errorOf(remove("TSK-9"))).message).toBe("agent-1 has claimed TSK-9");
    await remove("TSK-9", true);
    expect((await errorOf(remove("TSK-9"))).code).toBe("E_TASK_UNKNOWN");
  });
});

describe("an import", () => {
  const imported = (text: string, dryRun = false) => importTasks(pool.deps, { text, dryRun });

  test("adds what it does not know, with what waits for what, and the second time nothing", async () => {
    const text = "- [ ] top (p0)\n  - [ ] first\n  - [x] second\n";
    const dry = await imported(text, true);
    expect(dry.created.map(({ task, waitsFor }) => [task.id, waitsFor])).toEqual([
      ["TSK-1", ["TSK-2"]],
      ["TSK-2", []],
      ["TSK-3", []],
    ]);
    expect(await readdir(pool.tasksDir)).toEqual([]);
    await imported(text);
    expect(await pool.read("TSK-1")).toMatchObject({ priority: "p0", blocked_by: ["TSK-2", "TSK-3"] });
    expect(await pool.read("TSK-3")).toMatchObject({ status: "done", completed_at: NOW });
    const again = await imported(`${text}  - [ ] third\n`);
    expect(again.known.map(({ task }) => task.id)).toEqual(["TSK-1", "TSK-2", "TSK-3"]);
    expect(again.created.map(({ task }) => task.id)).toEqual(["TSK-4"]);
  });

  test("that was killed is finished by the next: what others wait for is there first", async () => {
    const text = '[{"id":"a","title":"a","blocked_by":["c"]},{"id":"b","title":"b"},{"id":"c","title":"c"}]';
    await imported(text);
    await rm(path.join(pool.tasksDir, "TSK-1"));
    await add("between");
    expect((await imported(text)).created.map(({ task }) => [task.id, task.blockedBy])).toEqual([
      ["TSK-5", ["TSK-3"]],
    ]);
  });

  test("writes what others wait for before them, in whatever order they are listed", async () => {
    const { store } = pool.deps;
    let order: string[] = [];
    const edit: typeof store.edit = (work) =>
      store.edit((editor) => {
        const create: typeof editor.create = (tasks) => {
          order = tasks.map(({ id }) => id);
          return editor.create(tasks);
        };
        return work({ ...editor, create });
      });
    const text = "- [ ] top\n  - [ ] middle\n    - [ ] below\n- [ ] other\n";
    await importTasks({ ...pool.deps, store: { ...store, edit } }, { text, dryRun: false });
    expect(order).toEqual(["TSK-3", "TSK-4", "TSK-2", "TSK-1"]);
  });

  test.each([
    ["- [ ] good\n- [ ]  \n", "line 2: the title is empty"],
    [`- [ ] good\n- [ ] ${"x".repeat(301)}\n`, "line 2: the title is too long: 301 characters, at most 300"],
    [
      '[{"title":"good"},{"title":"a\\u001b[2J"}]',
      "entry 2: the title has control characters or line ends in it",
    ],
    ['[{"title":"good"},{"title":"b","blocked_by":["TSK-7"]}]', "entry 2: there is no task TSK-7"],
    ['[{"title":"good"},{"title":"b","topics":["A B"]}]', 'entry 2: "A B" is no topic'],
    [
      '[{"id":"a","title":"a","blocked_by":["b"]},{"id":"b","title":"b","blocked_by":["a"]}]',
      "these wait for each other: entry 1, entry 2",
    ],
  ])("that has a mistake adds nothing: %s", async (text, message) => {
    expect((await errorOf(imported(text))).message).toContain(message);
    expect(await readdir(pool.tasksDir).catch(() => [])).toEqual([]);
  });
});

test("what a killed process staged is swept after an hour", async () => {
  await add();
  const staging = path.join(pool.tasksDir, "../staging");
  await writeFile(path.join(staging, ".TSK-1.old.tmp"), "{");
  await writeFile(path.join(staging, ".TSK-1.new.tmp"), "{");
  await promisify(execFile)("touch", ["-d", "2 hours ago", path.join(staging, ".TSK-1.old.tmp")]);
  await add();
  expect(await readdir(staging)).toEqual([".TSK-1.new.tmp"]);
});

test("a machine that is gone holds a task up only for so long; one that was only slow writes nothing", async () => {
  await add();
  const locks = path.join(pool.root, ".devkit/locks/tasks");
  const stranger = { host: "elsewhere", boot: "b", pid: 1, started: "1", released: false };
  await writeFile(path.join(locks, "task-1.7"), JSON.stringify(stranger));
  const began = performance.now();
  let calls = 0;
  const task = await pool.deps.store.update("TSK-1", (before) => ({
    ...before,
    title: `t${String((calls += 1))}`,
  }));
  expect(performance.now() - began).toBeGreaterThan(290);
  expect([task.title, (await readdir(locks)).filter((name) => name.startsWith("task-1."))]).toEqual([
    "t1",
    ["task-1.8"],
  ]);
  // Taken from us in the middle: the change is made again, on what is there by then.
  const { writeFileSync } = await import("node:fs");
  const second = await pool.deps.store.update("TSK-1", (before) => {
    calls += 1;
    if (calls === 2)
      writeFileSync(path.join(locks, "task-1.10"), JSON.stringify({ ...stranger, released: true }));
    return { ...before, title: `t${String(calls)}` };
  });
  expect(second.title).toBe("t3");
});
