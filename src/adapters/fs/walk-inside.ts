import { closeSync, constants, lstatSync, opendirSync, openSync, type Dir, type Stats } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { systemErrorCode } from "../../base/errors.js";

/** Entries between two looks at the clock. */
const TURN = 500;
/** Each level is a directory held open; what is deeper counts as not read. */
const DEEPEST = 128;
const BATCH = 256;
const NO_LINK = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** It was there when its directory was read, and now something else is or nothing. */
const MOVED = ["ENOENT", "ENOTDIR", "ELOOP"];

export interface Visit {
  /** Of the entry, as it is shown. */
  readonly name: string;
  /** The entry's part right below the root. */
  readonly top: string;
  /** 1 right below the root. */
  readonly depth: number;
  readonly info: Stats;
}

interface Level {
  readonly descriptor: number;
  readonly directory: Dir;
  readonly top: string | undefined;
}

/**
 * Calls `visit` with everything below a directory that somebody hostile can write in: never through a link, through
 * directories that are held open, with a turn for others now and then, until the deadline (ms of `performance.now()`).
 * Answers whether that was everything; a directory that is not there is nothing.
 */
export async function walkInside(
  root: string,
  deadline: number,
  visit: (visit: Visit) => void,
): Promise<boolean> {
  const levels: Level[] = [];
  let [isComplete, sinceTurn] = [enter(levels, root, undefined), 0];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const entry = level.directory.readSync();
      if (entry === null) {
        close(levels.pop());
        continue;
      }
      const at = pathOf(`/proc/self/fd/${String(level.descriptor)}/`, entry.name);
      const info = lookAt(at);
      if (info === "closed") isComplete = false;
      else if (info !== undefined) {
        const name = shownName(entry.name);
        const top = level.top ?? name;
        visit({ name, top, depth: levels.length, info });
        if (info.isDirectory() && !enter(levels, at, top)) isComplete = false;
      }
      sinceTurn += 1;
      if (sinceTurn < TURN) continue;
      sinceTurn = 0;
      if (performance.now() > deadline) return false;
      await setImmediate();
    }
    return isComplete;
  } finally {
    for (const level of levels) close(level);
  }
}

/** False: what is in it cannot be read, or lies too deep. */
function enter(levels: Level[], at: string | Buffer, top: string | undefined): boolean {
  if (levels.length >= DEEPEST) return false;
  let descriptor: number;
  try {
    descriptor = openSync(at, NO_LINK);
  } catch (error) {
    return MOVED.includes(systemErrorCode(error) ?? "");
  }
  try {
    // Names as bytes: what is no UTF-8 would not be found again.
    const options = { encoding: "latin1", bufferSize: BATCH } as const;
    const directory = opendirSync(`/proc/self/fd/${String(descriptor)}`, options);
    levels.push({ descriptor, directory, top });
    return true;
  } catch {
    closeSync(descriptor);
    return false;
  }
}

function close(level: Level | undefined): void {
  if (level === undefined) return;
  level.directory.closeSync();
  closeSync(level.descriptor);
}

function lookAt(at: string | Buffer): Stats | "closed" | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch {
    return "closed";
  }
}

const isAscii = (name: string): boolean => /^[\x20-\x7e]*$/.test(name);

function pathOf(directory: string, name: string): string | Buffer {
  return isAscii(name) ? directory + name : Buffer.from(directory + name, "latin1");
}

function shownName(name: string): string {
  return isAscii(name) ? name : Buffer.from(name, "latin1").toString("utf8");
}
