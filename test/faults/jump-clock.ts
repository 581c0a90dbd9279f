import { execa } from "execa";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Inflicted } from "./inflict.js";
import type { Random } from "./random.js";
import { startFaulty } from "./run-faulty.js";
import type { World } from "./world.js";

/** Debian's; the loader puts the machine's own folder in. */
const LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/** Whether it is installed. */
export async function canJumpClock(): Promise<boolean> {
  const { stdout } = await execa("date", ["-u", "+%Y"], {
    env: { LD_PRELOAD: LIBRARY, FAKETIME: "@2001-01-01 00:00:00" },
  });
  return stdout === "2001";
}

const JUMPS = ["-20000d", "-400d", "-2h", "-10s", "+10s", "+2h", "+20d", "+400d"] as const;

/** Runs a command whose clock jumps at a moment of it, or is wrong from its start; for the next one it is right again. */
export async function jumpClock(
  world: World,
  args: readonly string[],
  usualMs: number,
  random: Random,
): Promise<Inflicted> {
  const jump = random.pick(JUMPS);
  const atMs = random.next() < 0.4 ? 0 : random.next() * usualMs;
  const file = path.join(world.box.dir, "faketime");
  await writeFile(file, atMs === 0 ? jump : "+0");
  const env = {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    // Timers go by this one, which does not jump.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  const { ended } = startFaulty(world, args, [], env);
  if (atMs > 0) {
    await Promise.race([pause(atMs), ended]);
    await writeFile(file, jump);
  }
  return { finished: await ended, note: `${jump} after ${String(Math.round(atMs))} ms` };
}
