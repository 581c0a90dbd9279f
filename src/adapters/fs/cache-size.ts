import { lstatSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { CacheSize } from "../../domain/caches/listed-cache.js";
import type { Stats } from "node:fs";
import { namesIn } from "./names-in.js";

/** Entries between two looks at the clock. */
const TURN = 500;

/**
 * Measures a directory without following links, until the deadline (in ms of `performance.now()`). Blocks of files with
 * several names are counted once.
 */
export async function measureCache(directory: string, deadline: number): Promise<CacheSize> {
  const linked = new Set<number>();
  let [bytes, files, lastUsedMs] = [0, 0, 0];
  let sinceTurn = 0;
  const pending = lookAt(directory)?.isDirectory() === true ? [directory] : [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const name of namesIn(next)) {
      const at = `${next}/${name}`;
      const info = lookAt(at);
      if (info === undefined) continue;
      if (info.isDirectory()) pending.push(at);
      else if (info.isFile()) {
        files += 1;
        // Reading a directory, as here, is no use of it; a file that was read was used.
        lastUsedMs = Math.max(lastUsedMs, info.atimeMs, info.mtimeMs);
      }
      if (info.nlink === 1 || info.isDirectory() || !linked.has(info.ino)) bytes += info.blocks * 512;
      if (info.nlink > 1 && !info.isDirectory()) linked.add(info.ino);
      sinceTurn += 1;
    }
    if (sinceTurn < TURN) continue;
    sinceTurn = 0;
    if (performance.now() > deadline) break;
    await setImmediate();
  }
  const last = lastUsedMs === 0 ? undefined : lastUsedMs;
  return { bytes, files, lastUsedMs: last, isComplete: pending.length === 0 };
}

function lookAt(at: string): Stats | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch {
    // Too long a name, or closed.
    return undefined;
  }
}
