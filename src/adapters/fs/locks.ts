import { link, mkdir, open, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Locks, Progress } from "../../app/ports.js";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process/process-identity.js";
import { stagingName, writeNewFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/** One file of a lock. */
interface Entry {
  readonly number: number;
  readonly file: string;
}

interface Holder extends ProcessIdentity {
  readonly released: boolean;
}

export interface LockOptions {
  readonly directory: string;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
  /** How long to wait for another process; the default is half an hour. */
  readonly patienceMs?: number;
  /** How long to wait before saying so. */
  readonly quietMs?: number;
  /**
   * How long to wait for a process of another machine, of which nobody here can tell whether it lives, before its lock
   * is taken from it. Only for work that asks `isHeld` right before it changes anything.
   */
  readonly foreignMs?: number;
}

/** Whether the lock is still held: it can have been taken by another machine, when the work took longer than that waits. */
export type IsHeld = () => Promise<boolean>;

export interface FileLocks extends Locks {
  hold<T>(name: string, work: (isHeld: IsHeld) => Promise<T>): Promise<T>;
}

/**
 * Locks as numbered files `<name>.<n>`: the highest number is the lock. A process that finds it released, or its
 * holder dead, creates the next number, which only one can (link(2) is exclusive), and only then removes the lower
 * ones, so the highest is never missing and two processes can never both take over (docs/adr/0005).
 */
export function createFileLocks(options: LockOptions): FileLocks {
  // Who shares a process waits its turn here: the files are between processes.
  const turns = new Map<string, ReturnType<typeof createLimiter>>();
  return {
    async hold(name, work) {
      const turn = turns.get(name) ?? createLimiter(1);
      turns.set(name, turn);
      return turn(async () => {
        const entry = await acquire(options, name);
        try {
          return await work(async () => (await findTop(options.directory, name))?.number === entry.number);
        } finally {
          await release(entry);
        }
      });
    },
    async forget(name) {
      if ((await readdir(options.directory).catch(() => [])).length === 0) return;
      const entries = await listEntries(options.directory, name);
      const top = entries.at(-1);
      const holder = top && (await readHolder(top));
      if (holder !== undefined && !holder.released && (await isAlive(holder))) return;
      await Promise.all(entries.map(({ file }) => rm(file, { force: true })));
    },
    async stale() {
      const names = await readdir(options.directory).catch(() => []);
      const locks = new Set(
        names.map((name) => /^([a-z0-9-]+)\.\d+$/.exec(name)?.[1]).filter((name) => name !== undefined),
      );
      const dead = await Promise.all(
        [...locks].map(async (name) => ((await isStale(options.directory, name)) ? name : "")),
      );
      return dead.filter((name) => name !== "");
    },
  };
}

async function acquire(options: LockOptions, name: string): Promise<Entry> {
  await withFileErrors(`cannot make ${options.directory}`, () =>
    mkdir(options.directory, { recursive: true }),
  );
  const patienceMs = options.patienceMs ?? 30 * 60_000;
  const stranger = await createStrangerWatch(options.foreignMs);
  const warn = createWarning(options);
  const attempt = async () => {
    const top = await findTop(options.directory, name);
    const holder = top && (await readHolder(top));
    const isHeld = holder !== undefined && !holder.released && (await isAlive(holder));
    if (top !== undefined && isHeld && !stranger(holder.host, top.number)) {
      warn(holder);
      return undefined;
    }
    return take(options.directory, name, (top?.number ?? 0) + 1);
  };
  try {
    return await waitFor(attempt, {
      deadlineMs: patienceMs,
      intervalMs: 15,
      signal: options.signal,
      what: "the lock",
    });
  } catch (error) {
    if (!(error instanceof DevkitError) || error.code !== "E_TIMEOUT") throw error;
    throw new DevkitError("E_LOCK_TIMEOUT", `another devkit has held the lock "${name}" for too long`, {
      hint: `look at who holds it: cat ${path.join(options.directory, name)}.*`,
      cause: error,
    });
  }
}

/** Says once who is waited for. */
function createWarning({ progress, quietMs = 0 }: LockOptions): (holder: Holder) => void {
  const beganMs = performance.now();
  let isSaid = false;
  return ({ pid }) => {
    if (isSaid || performance.now() - beganMs < quietMs) return;
    isSaid = true;
    progress.warn(`waiting for another devkit (pid ${String(pid)}) to finish`);
  };
}

/**
 * Tells of a holder on another machine whether it has had its time: by our own clock, from when we first saw this very
 * lock, because the clocks of two machines need not agree.
 */
async function createStrangerWatch(
  foreignMs: number | undefined,
): Promise<(host: string, number: number) => boolean> {
  const { host: own } = await ownIdentity();
  let seen = { number: 0, sinceMs: 0 };
  return (host, number) => {
    if (foreignMs === undefined || host === own) return false;
    if (seen.number !== number) seen = { number, sinceMs: performance.now() };
    return performance.now() - seen.sinceMs >= foreignMs;
  };
}

/** Creates number `n`; undefined when somebody was faster. */
async function take(directory: string, name: string, number: number): Promise<Entry | undefined> {
  const entry: Entry = { number, file: path.join(directory, `${name}.${String(number)}`) };
  const temporary = stagingName(entry.file);
  try {
    await withFileErrors(`cannot write ${temporary}`, async () =>
      writeNewFile(temporary, formatHolder({ ...(await ownIdentity()), released: false }), 0o644),
    );
    await link(temporary, entry.file);
  } catch (error) {
    // ENOENT: whoever was faster has swept the staging file away.
    if (["EEXIST", "ENOENT"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const all = await listEntries(directory, name);
  if (all.some((other) => other.number > number)) {
    await rm(entry.file, { force: true });
    return undefined;
  }
  const old = all.filter((other) => other.number < number).map((other) => other.file);
  // What killed processes staged; a live one that loses its file here tries again.
  const staged = (await readdir(directory)).filter((file) => file.startsWith(`.${name}.`));
  const left = [...old, ...staged.map((file) => path.join(directory, file))];
  await Promise.all(left.map((file) => rm(file, { force: true })));
  return entry;
}

/**
 * Marks the lock free in place: that needs no space, so that it works on a full disk too. It is gone when another
 * machine has taken it.
 */
async function release(entry: Entry): Promise<void> {
  await withFileErrors(`cannot free the lock ${entry.file}`, async () => {
    const file = await open(entry.file, "r+").catch((error: unknown) => {
      if (systemErrorCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      await file.write(formatHolder({ ...(await ownIdentity()), released: true }), 0);
    } finally {
      await file.close();
    }
  });
}

/** Of the same length whether released or not. */
function formatHolder(holder: Holder): string {
  return JSON.stringify(holder).padEnd(JSON.stringify({ ...holder, released: false }).length);
}

async function isStale(directory: string, name: string): Promise<boolean> {
  const top = await findTop(directory, name);
  const holder = top && (await readHolder(top));
  return holder !== undefined && !holder.released && !(await isAlive(holder));
}

async function findTop(directory: string, name: string): Promise<Entry | undefined> {
  return (await listEntries(directory, name)).at(-1);
}

async function listEntries(directory: string, name: string): Promise<Entry[]> {
  const names = await readdir(directory);
  return names
    .map((file) => ({ file: path.join(directory, file), match: new RegExp(`^${name}\\.(\\d+)$`).exec(file) }))
    .filter(({ match }) => match !== null)
    .map(({ file, match }) => ({ file, number: Number(match?.[1]) }))
    .sort((a, b) => a.number - b.number);
}

/** Undefined when the file is gone or unreadable, which counts as nobody holding it. */
async function readHolder(entry: Entry): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(entry.file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
