import type { Limits } from "../settings/settings.js";

/** What a machine has left at the moment. */
export interface MachineState {
  /** Bytes that programs can still have; undefined where nobody says, or the agents run on another machine. */
  readonly memory: number | undefined;
  /** The file systems that agents' files are on, in bytes. */
  readonly disks: readonly { readonly free: number; readonly size: number }[];
}

/** What a machine has too little of, in bytes. */
export interface Shortage {
  readonly of: "free_memory" | "free_disk";
  readonly needed: number;
  readonly available: number;
}

/** What an agent takes while it comes up, its hooks included: less than it may have, more than it has idle. */
const START_BYTES = 256 * 1024 ** 2;
/** What stays free, so that agents that run can go on writing. */
const FLOOR_BYTES = 2 * 1024 ** 3;
/** On less, the floor would be a good part of it: who works there knows. */
const SMALL_DISK_BYTES = 20 * 1024 ** 3;

/** What keeps so many agents from being started at once, each with these limits. */
export function findShortage(
  { memory, disks }: MachineState,
  starts: number,
  { memory: limit }: Pick<Limits, "memory">,
): Shortage | undefined {
  const needed = Math.min(limit, START_BYTES) * starts;
  if (memory !== undefined && memory < needed) return { of: "free_memory", needed, available: memory };
  const full = disks.find(({ free, size }) => size >= SMALL_DISK_BYTES && free < FLOOR_BYTES);
  return full && { of: "free_disk", needed: FLOOR_BYTES, available: full.free };
}
