import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Inflicted } from "./inflict.js";
import type { Random } from "./random.js";
import { startFaulty } from "./run-faulty.js";
import type { World } from "./world.js";

/** What files are changed with, and how often a process does each at most, roughly. */
const CALLS = [
  ["fsync", 3],
  ["rename", 3],
  ["link,linkat", 2],
  ["write", 12],
  ["pwrite64", 6],
  ["mkdir,mkdirat", 4],
  ["unlink,unlinkat", 3],
] as const;

/**
 * Runs a command under strace, which makes the n-th call of each process and thread, or all from there on, fail with EIO.
 * Where nothing made such a call, with another one.
 */
export async function failCalls(world: World, args: readonly string[], random: Random): Promise<Inflicted> {
  const log = path.join(world.box.dir, "strace.log");
  const [calls, most] = random.pick(CALLS);
  const when = `${String(random.whole(1, most))}${random.next() < 0.5 ? "+" : ""}`;
  const inject = `inject=${calls}:error=EIO:when=${when}`;
  const strace = ["strace", "-f", "-qq", "-o", log, "-e", `trace=${calls}`, "-e", inject];
  const finished = await startFaulty(world, args, strace).ended;
  const hits = (await readFile(log, "utf8").catch(() => "")).split("(INJECTED)").length - 1;
  await rm(log, { force: true });
  return { finished, note: `EIO of ${calls} number ${when}, ${String(hits)} times` };
}
