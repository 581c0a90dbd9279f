import { lstatSync, readdirSync } from "node:fs";
import { link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { PoolEditor, TaskStore } from "../../app/ports-tasks.js";
import type { Progress } from "../../app/ports.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { locksDir, type Project } from "../../domain/identity/project.js";
import type { BrokenFile, Pool } from "../../domain/tasks/blocking.js";
import { formatTask, parseTask, type ParsedTask } from "../../domain/tasks/task-file.js";
import { isTaskId, taskNumber } from "../../domain/tasks/task-id.js";
import { TASK_LIMITS } from "../../domain/tasks/task-limits.js";
import type { Task } from "../../domain/tasks/task.js";
import { readHostileFile, replaceFile, stagingName, writeNewFile } from "./atomic-file.js";
import { createFileLocks, type FileLocks, type IsHeld } from "./locks.js";
import { projectDir } from "./project-dir.js";
import { translateFileError, withFileErrors } from "./translate.js";

export interface TaskStoreOptions {
  readonly project: Project;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
  /** How long another machine may hold a lock: work under one takes milliseconds. */
  readonly foreignMs?: number;
}

/** Locks of tasks: few, so that looking for one is quick however many tasks there are; a task always has the same. */
const STRIPES = 64;
const FOREIGN_MS = 30_000;
const QUIET_MS = 3000;
/** What was staged so long ago was a killed process's. */
const STALE_MS = 3_600_000;

interface Places {
  readonly tasks: string;
  /** On the same file system, and not in the pool. */
  readonly staging: string;
  /** The highest number that a removed task had. */
  readonly highest: string;
}

/** One file for each task (docs/adr/0020). The pool is the primary's, also for linked worktrees. */
export function createTaskStore(options: TaskStoreOptions): TaskStore {
  const { project, progress, signal, foreignMs = FOREIGN_MS } = options;
  const refs = path.join(project.devkitDir, "refs");
  const places: Places = {
    tasks: path.join(refs, "tasks"),
    staging: path.join(refs, "staging"),
    highest: path.join(refs, "highest-removed"),
  };
  const directory = path.join(locksDir(project), "tasks");
  const locks = createFileLocks({ directory, progress, signal, foreignMs, quietMs: QUIET_MS });
  const find = (id: string) => findTask(places, id);
  return {
    load: () => loadPool(places),
    find,
    update: (id, change) =>
      holding(locks, lockOf(id), async (isHeld) => {
        const before = requireFound(id, find(id));
        const after = change(before);
        if (after !== before) await replaceTask(places, after, isHeld);
        return after;
      }),
    async edit(work) {
      await projectDir.prepare(project);
      await withFileErrors(`cannot make ${places.tasks}`, async () => {
        await mkdir(places.tasks, { recursive: true });
        await mkdir(places.staging, { recursive: true });
        await sweep(places.staging);
      });
      return locks.hold("pool", () => work(createEditor(places, locks)));
    },
  };
}

function createEditor(places: Places, locks: FileLocks): PoolEditor {
  return {
    nextNumber() {
      // In this order: whoever removes the highest notes its number first.
      const numbers = listNames(places.tasks).filter(isTaskId).map(taskNumber);
      return Promise.resolve(numbers.reduce((a, b) => Math.max(a, b), readHighest(places)) + 1);
    },
    create: (tasks) => withFileErrors("cannot write tasks", () => createTasks(places, tasks)),
    remove: (id, check) =>
      holding(locks, lockOf(id), async (isHeld) => {
        check(requireFound(id, findTask(places, id)));
        const highest = Math.max(readHighest(places), taskNumber(id));
        await replaceFile(places.highest, `${String(highest)}\n`, places.staging);
        await requireHeld(isHeld);
        await withFileErrors(`cannot remove ${id}`, () => rm(path.join(places.tasks, id)));
      }),
  };
}

function lockOf(id: string): string {
  return `task-${String(taskNumber(id) % STRIPES)}`;
}

/** Another machine took the lock, because this one was too slow: nothing was written. */
const LOST = Symbol("lost");

async function requireHeld(isHeld: IsHeld): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- never leaves this file
  if (!(await isHeld())) throw LOST;
}

/** Work under a lock, from its beginning again when the lock was lost before anything was written. */
async function holding<T>(locks: FileLocks, name: string, work: (isHeld: IsHeld) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await locks.hold(name, work);
    } catch (error) {
      if (error !== LOST) throw error;
    }
  }
}

async function replaceTask(places: Places, task: Task, isHeld: IsHeld): Promise<void> {
  const file = path.join(places.tasks, task.id);
  const staged = stagingName(file, places.staging);
  await withFileErrors(`cannot write ${file}`, async () => {
    try {
      await mkdir(places.staging, { recursive: true });
      await writeNewFile(staged, textOf(task), 0o644);
      await requireHeld(isHeld);
      await rename(staged, file);
    } catch (error) {
      await rm(staged, { force: true });
      throw error;
    }
  });
}

/** All are whole on disk before the first has its name. */
async function createTasks(places: Places, tasks: readonly Task[]): Promise<void> {
  const all = tasks.map((task) => {
    const file = path.join(places.tasks, task.id);
    return { text: textOf(task), file, staged: stagingName(file, places.staging) };
  });
  const named: string[] = [];
  try {
    for (const { staged, text } of all) await writeNewFile(staged, text, 0o644);
    for (const { staged, file } of all) {
      await link(staged, file);
      named.push(file);
    }
  } catch (error) {
    await Promise.all(named.map((file) => rm(file, { force: true })));
    throw error;
  } finally {
    await Promise.all(all.map(({ staged }) => rm(staged, { force: true })));
  }
}

function textOf(task: Task): string {
  const text = formatTask(task);
  if (Buffer.byteLength(text) <= TASK_LIMITS.file) return text;
  throw new DevkitError("E_TASK_INPUT", `${task.id} would be larger than ${String(TASK_LIMITS.file)} bytes`, {
    hint: "put what is long into a file of the repository, and name that",
  });
}

function loadPool(places: Places): Pool {
  const tasks = new Map<string, Task>();
  const broken: BrokenFile[] = [];
  for (const name of listNames(places.tasks)) {
    const parsed = isTaskId(name)
      ? readTask(places, name)
      : { ok: false as const, problem: "has no id for a name" };
    if (parsed === undefined) continue;
    if (parsed.ok) tasks.set(name, parsed.task);
    else broken.push({ name, problem: parsed.problem });
  }
  return { tasks, broken };
}

/** None when nothing was ever added. */
function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw translateFileError(error, `cannot read ${directory}`);
  }
}

function findTask(places: Places, id: string): Task | undefined {
  const parsed = readTask(places, id);
  if (parsed === undefined) return undefined;
  if (parsed.ok) return parsed.task;
  const file = path.join(places.tasks, id);
  throw new DevkitError("E_TASK_BROKEN", `${quoteText(id)} in the pool is no task: it ${parsed.problem}`, {
    hint: `look at it, and repair it or move it away: ls -ld ${file}`,
    details: { task: id, file },
  });
}

/** Undefined when there is none. */
function readTask(places: Places, id: string): ParsedTask | undefined {
  // Not joined: there are thousands, and an id is never anything of a path.
  const file = `${places.tasks}/${id}`;
  const text = readHostileFile(file, TASK_LIMITS.file);
  if (text !== undefined) return parseTask(id, text);
  const info = lstatSync(file, { throwIfNoEntry: false });
  if (info === undefined) return undefined;
  if (info.isSymbolicLink()) return { ok: false, problem: "is a link" };
  if (info.isDirectory()) return { ok: false, problem: "is a directory" };
  if (!info.isFile()) return { ok: false, problem: "is no regular file" };
  const isLarge = info.size > TASK_LIMITS.file;
  return {
    ok: false,
    problem: isLarge ? `is larger than ${String(TASK_LIMITS.file)} bytes` : "may not be read",
  };
}

function requireFound(id: string, task: Task | undefined): Task {
  if (task !== undefined) return task;
  throw new DevkitError("E_TASK_UNKNOWN", `there is no task ${id} any more`, {
    hint: "see them: devkit task list",
    details: { task: id },
  });
}

function readHighest({ highest }: Places): number {
  const number = Number(readHostileFile(highest, 64) ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

async function sweep(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const file = path.join(staging, name);
    const info = await stat(file).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > STALE_MS) await rm(file, { force: true });
  }
}
