import {
  chmodSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { withDirectory } from "./inside.js";

/** Not in Node's constants: a descriptor for a name alone, which works for what is closed to its owner too. */
const O_PATH = 0o10000000;

/**
 * Empties a directory while somebody may still be changing what is in it: everything is removed by its name in a
 * directory that is held open, and what is deep is moved up first, so that no depth is too much.
 */
export function emptyHostile(root: string): void {
  let moved = 0;
  withDirectory(root, (top) => {
    for (let names = readdirSync(top); names.length > 0; names = readdirSync(top)) {
      for (const name of names) {
        const at = `${top}/${name}`;
        if (!openOwn(at)) {
          unlinkSync(at);
          continue;
        }
        withDirectory(at, (directory) => {
          for (const entry of readdirSync(directory, { withFileTypes: true })) {
            const below = `${directory}/${entry.name}`;
            if (!entry.isDirectory()) unlinkSync(below);
            else if (openOwn(below)) renameSync(below, `${top}/.deep-${String((moved += 1))}`);
          }
        });
        rmdirSync(at);
      }
    }
  });
}

/** Whether it is a directory; one that is closed to its owner is opened, and no link is followed for that. */
function openOwn(at: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(at, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return false;
  }
  try {
    chmodSync(`/proc/self/fd/${String(descriptor)}`, 0o700);
    return true;
  } finally {
    closeSync(descriptor);
  }
}
