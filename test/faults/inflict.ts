import type { Finished } from "../support/sandbox.js";
import { fillDisk } from "./fill-disk.js";
import { failCalls } from "./fail-calls.js";
import { jumpClock } from "./jump-clock.js";
import { killDuring } from "./kill-something.js";
import type { PlannedFault } from "./plan.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** How the command went that something went wrong under. */
export interface Inflicted {
  readonly finished: Finished;
  /** What happened, for people. */
  readonly note: string;
}

/** Runs a command under a fault. `usualMs`: how long it takes without one. */
export function inflict(
  world: World,
  { kind }: PlannedFault,
  args: readonly string[],
  usualMs: number,
  random: Random,
): Promise<Inflicted> {
  if (kind === "disk") return fillDisk(world, args, random);
  if (kind === "eio") return failCalls(world, args, random);
  if (kind === "clock") return jumpClock(world, args, usualMs, random);
  return killDuring(world, kind, args, usualMs, random);
}
