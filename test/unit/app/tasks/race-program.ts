/**
 * An agent that takes task after task until all are done. It looks whether anybody living works on the same task, and
 * whether anybody did it before: then it says so and ends with 9.
 */
import { appendFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createTaskStore } from "../../../../src/adapters/fs/task-store.js";
import type { TaskDeps } from "../../../../src/app/ports-tasks.js";
import { finishTask } from "../../../../src/app/tasks/finish-task.js";
import { currentOf } from "../../../../src/app/tasks/list-tasks.js";
import { nextTask } from "../../../../src/app/tasks/next-task.js";
import { projectOf } from "../../../../src/domain/identity/project.js";
import { isDevkitError } from "../../../../src/base/errors.js";
import { takeTask } from "../../../../src/app/tasks/take-task.js";
import type { Task } from "../../../../src/domain/tasks/task.js";

const [root = "", place = "", agent = ""] = process.argv.slice(2);
const progress = { warn: () => undefined };
const project = projectOf({ root, commonDir: path.join(root, ".git"), stateHome: place });
const deps: TaskDeps = {
  store: createTaskStore({ project, progress, signal: new AbortController().signal }),
  running: () => Promise.resolve(new Set(readdirSync(path.join(place, "agents")).filter(isRunning))),
  findBranch: () => undefined,
  local: () => undefined,
  host: "here",
  now: () => new Date(),
  leaseMs: () => Promise.resolve(300),
  prefix: () => Promise.resolve("TSK"),
  progress,
};

function isRunning(name: string): boolean {
  return isAlive(read(path.join(place, "agents", name)));
}

function isAlive(pid: string): boolean {
  if (pid === "") return false;
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && !/\) [ZX] /.test(stat);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function fail(what: string): never {
  console.log(what);
  process.exit(9);
}

function requireAlone(task: Task): void {
  const other = read(path.join(place, "held", task.id));
  if (other !== String(process.pid) && isAlive(other)) fail(`${task.id}: ${other} works on it, too`);
}

async function work(task: Task): Promise<void> {
  const held = path.join(place, "held", task.id);
  requireAlone(task);
  writeFileSync(held, String(process.pid));
  appendFileSync(path.join(place, "claims", task.id), `${String(task.claim?.number)} ${agent}\n`);
  await pause(Math.random() * 60);
  requireAlone(task);
  writeFileSync(held, "");
  await finishTask(deps, { actor: { agent, claim: task.claim?.number }, id: task.id, note: undefined });
  writeFileSync(path.join(place, "done", task.id), agent, { flag: "wx" });
}

function isAllDone(): boolean {
  return [...deps.store.load().tasks.values()].every(({ status }) => status === "done");
}

/** What this agent was killed at, unless somebody has taken it meanwhile. */
async function resume(task: Task | undefined): Promise<Task | undefined> {
  try {
    return (
      task &&
      (await takeTask(deps, { actor: { agent, claim: task.claim?.number }, id: task.id, start: true }))
    );
  } catch (error) {
    if (isDevkitError(error) && error.code === "E_CLAIMED") return undefined;
    throw error;
  }
}

writeFileSync(path.join(place, "agents", agent), String(process.pid));
try {
  const left = await resume(currentOf(deps.store.load(), agent));
  if (left !== undefined) await work(left);
  for (;;) {
    const task = await nextTask(deps, { agent }, { start: true });
    if (task !== undefined) await work(task);
    else if (isAllDone()) break;
    else await pause(100);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
