import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  utimesSync,
} from "node:fs";
import type { AdoptedFiles } from "../../app/ports-caches.js";
import { isBlocked, withDirectory } from "./inside.js";

const DEPTH = 64;
const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface Adoption {
  /** Where they go; undefined: they are only counted. Nothing there is open to anybody else. */
  readonly target: string | undefined;
  /** Names of files that are left out. */
  readonly transient: RegExp | undefined;
}

/**
 * Goes through what an agent has written, and copies regular files and directories. Links, devices (with which an
 * overlay marks what was deleted), sockets, and files with names elsewhere are left out, and no special bit comes along.
 */
export function adoptFiles(source: string, { target, transient }: Adoption): AdoptedFiles {
  const found = { files: 0, bytes: 0, leftOut: 0 };
  const takeFile = (from: string, to: string | undefined) => {
    const descriptor = openSync(from, NO_LINK);
    try {
      const info = fstatSync(descriptor);
      if (!info.isFile()) {
        found.leftOut += 1;
        return;
      }
      found.files += 1;
      found.bytes += info.size;
      if (to === undefined) return;
      // Its place can have a file of an older base, under another name too: never written to.
      rmSync(to, { recursive: true, force: true });
      copyFileSync(`/proc/self/fd/${String(descriptor)}`, to, constants.COPYFILE_FICLONE);
      chmodSync(to, (info.mode & 0o111) === 0 ? 0o644 : 0o755);
      utimesSync(to, info.atime, info.mtime);
    } finally {
      closeSync(descriptor);
    }
  };
  const visit = (from: string, to: string | undefined, depth: number): void => {
    if (to !== undefined) makePlainDirectory(to);
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const [source, place] = [`${from}/${entry.name}`, to && `${to}/${entry.name}`];
      try {
        if (transient?.test(entry.name) === true) found.leftOut += 1;
        else if (entry.isDirectory() && depth < DEPTH)
          withDirectory(source, (at) => {
            visit(at, place, depth + 1);
          });
        else if (entry.isFile()) takeFile(source, place);
        else found.leftOut += 1;
      } catch (error) {
        if (!isBlocked(error)) throw error;
        found.leftOut += 1;
      }
    }
  };
  try {
    withDirectory(source, (at) => {
      visit(at, target, 0);
    });
  } catch (error) {
    if (!isBlocked(error)) throw error;
  }
  return found;
}

/** A file of an older base can stand where the agent has a directory. */
function makePlainDirectory(directory: string): void {
  try {
    withDirectory(directory, () => undefined);
  } catch {
    rmSync(directory, { force: true });
    mkdirSync(directory, 0o755);
  }
}
