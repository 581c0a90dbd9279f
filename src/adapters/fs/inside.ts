import { closeSync, constants, lstatSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";

const NO_LINK = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What opening a directory says where there is none: a link, a file, one that is closed. */
const NOT_OURS = ["ENOENT", "ELOOP", "ENOTDIR", "EACCES", "EPERM", "EROFS", "ENAMETOOLONG"];

/** Whether it is what somebody put there that keeps us out. */
export function isBlocked(error: unknown): boolean {
  return NOT_OURS.includes(systemErrorCode(error) ?? "");
}

/** Holds a directory open, which is no link, and gives the path that names it whatever is renamed meanwhile. */
export function withDirectory<T>(directory: string, work: (at: string) => T): T {
  const descriptor = openSync(directory, NO_LINK);
  try {
    return work(`/proc/self/fd/${String(descriptor)}`);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Goes down to a directory below `root` that somebody hostile can write in, never through a link: each part is opened
 * in the one before it. With `make` those that are missing are made, with `mode`.
 */
export function withInside<T>(
  root: string,
  relative: string,
  { make, mode = 0o755 }: { make: boolean; mode?: number },
  work: (at: string) => T,
): T {
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
  const descend = (at: string, position: number): T => {
    const name = parts[position];
    if (name === undefined) return work(at);
    const child = `${at}/${name}`;
    if (make) makeDirectory(child, mode);
    return withDirectory(child, (next) => descend(next, position + 1));
  };
  return withDirectory(root, (at) => descend(at, 0));
}

/** What `work` finds, or undefined where what somebody put there keeps us out. */
export function unlessBlocked<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isBlocked(error)) return undefined;
    throw error;
  }
}

/** The same below `root`, as `withInside` goes there. */
export function findInside<T>(root: string, relative: string, work: (at: string) => T): T | undefined {
  return unlessBlocked(() => withInside(root, relative, { make: false }, work));
}

/** Permissions of a plain file below `root`; undefined: there is none. */
export function findMode(root: string, file: string): number | undefined {
  return findInside(root, path.dirname(file), (at) => {
    const info = lstatSync(`${at}/${path.basename(file)}`);
    return info.isFile() ? info.mode & 0o777 : undefined;
  });
}

function makeDirectory(directory: string, mode: number): void {
  try {
    mkdirSync(directory, mode);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  }
}
