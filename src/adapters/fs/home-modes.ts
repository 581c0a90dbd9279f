import { chmodSync, closeSync, constants, fstatSync, openSync, readdirSync } from "node:fs";
import { errorMessage, systemErrorCode } from "../../base/errors.js";
import {
  DIRECTORY_MODE,
  PRIVATE_DIRECTORIES,
  widestMode,
  type LooseMode,
} from "../../domain/identity/home-modes.js";
import { findInside, isBlocked } from "./inside.js";

/** Not in Node's constants: a descriptor for a name alone, which opens no pipe and no device. */
const O_PATH = 0o10000000;
const NAME_ONLY = O_PATH | constants.O_NOFOLLOW;
/** Keys of one agent; an agent that makes more gets no more of devkit's time. */
const MOST_FILES = 1000;

/** What others could read or change in a home; with `fix`, closed to them through the very thing that was looked at. */
export function findLooseModes(home: string, fix: boolean): LooseMode[] {
  return PRIVATE_DIRECTORIES.flatMap((directory): LooseMode[] => {
    const inside = (name: string) => (directory === "." ? name : `${directory}/${name}`);
    const found = findInside(home, directory, (at) => [
      // By `.` of what is open: neither the parent nor a link can come into it.
      ...judge(`${at}/.`, { path: directory, widest: DIRECTORY_MODE, isDirectory: true, fix }),
      ...readdirSync(at)
        .slice(0, MOST_FILES)
        .flatMap((name) => {
          const widest = widestMode(directory, name);
          if (widest === undefined) return [];
          return judge(`${at}/${name}`, { path: inside(name), widest, isDirectory: false, fix });
        }),
    ]);
    return found ?? [];
  });
}

interface Wish {
  readonly path: string;
  readonly widest: number;
  readonly isDirectory: boolean;
  readonly fix: boolean;
}

function judge(at: string, { path, widest, isDirectory, fix }: Wish): LooseMode[] {
  let descriptor: number;
  try {
    descriptor = openSync(at, NAME_ONLY);
  } catch (error) {
    if (isBlocked(error)) return [];
    throw error;
  }
  try {
    const info = fstatSync(descriptor);
    if (isDirectory ? !info.isDirectory() : !info.isFile()) return [];
    const mode = info.mode & 0o777;
    // What it may do itself is the agent's business.
    if ((mode & ~widest & 0o077) === 0) return [];
    const trouble = fix ? close(descriptor, mode & (widest | 0o700)) : undefined;
    return [{ path, mode, widest, trouble }];
  } finally {
    closeSync(descriptor);
  }
}

function close(descriptor: number, mode: number): string | undefined {
  try {
    chmodSync(`/proc/self/fd/${String(descriptor)}`, mode);
    return undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return errorMessage(error);
  }
}
