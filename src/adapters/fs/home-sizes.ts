import { lstatSync } from "node:fs";
import type { HomeEntry, HomeSize } from "../../app/ports-homes.js";
import { walkInside } from "./walk-inside.js";

interface Sizes extends HomeSize {
  readonly entries: readonly HomeEntry[];
}

/** Measures a home until the deadline (ms of `performance.now()`), with what is right below it, the largest first. */
export async function measureHome(home: string, deadline: number): Promise<Sizes | undefined> {
  const own = lstatSync(home, { throwIfNoEntry: false });
  if (own === undefined) return undefined;
  const linked = new Set<string>();
  const byTop = new Map<string, number>();
  let bytes = own.blocks * 512;
  const isComplete = await walkInside(home, deadline, ({ top, info }) => {
    if (info.nlink > 1 && !info.isDirectory()) {
      const id = `${String(info.dev)}:${String(info.ino)}`;
      if (linked.has(id)) return;
      linked.add(id);
    }
    bytes += info.blocks * 512;
    byTop.set(top, (byTop.get(top) ?? 0) + info.blocks * 512);
  });
  const entries = [...byTop].map(([name, size]) => ({ name, bytes: size }));
  return { bytes, isComplete, entries: entries.sort((a, b) => b.bytes - a.bytes) };
}
