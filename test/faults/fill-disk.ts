import { execa } from "execa";
import { rm, statfs } from "node:fs/promises";
import path from "node:path";
import type { Inflicted } from "./inflict.js";
import type { Random } from "./random.js";
import { startFaulty } from "./run-faulty.js";
import type { World } from "./world.js";

const KIB = 1024;

/** Runs a command on a disk that has room for some of its writes: from one page up to more than it needs. */
export async function fillDisk(world: World, args: readonly string[], random: Random): Promise<Inflicted> {
  const { box } = world;
  const left = Math.round(4 * 2 ** (random.next() * 9)) * KIB;
  const balloon = path.join(box.dir, "balloon");
  const { bavail, bsize } = await statfs(box.dir);
  await execa("fallocate", ["-l", String(bavail * bsize - left), balloon]);
  try {
    const { ended } = startFaulty(world, args);
    return { finished: await ended, note: `${String(left / KIB)} KiB left on the disk` };
  } finally {
    await rm(balloon);
  }
}
