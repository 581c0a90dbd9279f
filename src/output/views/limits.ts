import { formatSize } from "../../base/sizes.js";

/** What is known of an agent that is out of memory; as JSON. */
export interface MemoryData {
  /** Processes that the kernel has ended since the container's start; null when it ended by that. */
  readonly kills: number | null;
  /** RFC 3339. */
  readonly last: string | null;
  /** Bytes. */
  readonly limit: number | null;
}

interface OutOfMemory {
  readonly kills: number | undefined;
  readonly last: string | undefined;
  readonly limit: number | undefined;
}

export function memoryData({ kills, last, limit }: OutOfMemory): MemoryData {
  return { kills: kills ?? null, last: last ?? null, limit: limit ?? null };
}

export function memoryText({ kills, last, limit }: OutOfMemory): string {
  const size = limit === undefined ? "" : ` (limit ${formatSize(limit)})`;
  if (kills === undefined)
    return `out of memory${size}: the kernel ended it${last === undefined ? "" : `, ${last}`}`;
  const seen = last === undefined ? "" : `, last seen ${last}`;
  return `out of memory${size}: the kernel has ended ${kills === 1 ? "1 process" : `${String(kills)} processes`} since its start${seen}`;
}
