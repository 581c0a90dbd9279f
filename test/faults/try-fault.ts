import { setTimeout as pause } from "node:timers/promises";
import { prepareJob, type Job } from "./commands.js";
import { inflict } from "./inflict.js";
import { findLeftovers } from "./leftovers.js";
import { findLosses } from "./losses.js";
import type { CommandName, PlannedFault } from "./plan.js";
import { createRandom } from "./random.js";
import { HANG_MS, type World } from "./world.js";

/** What came of one fault. All empty: it was survived. */
export interface Outcome {
  readonly note: string;
  /** The next command did not do what it is for, or something was a bug. */
  readonly stuck: readonly string[];
  readonly lost: readonly string[];
  readonly left: readonly string[];
}

const BUG = 70;

/** How long a command usually takes; it has to work when nothing goes wrong. */
export async function measure(world: World, command: CommandName): Promise<number> {
  const job = await prepareJob(world, command, createRandom(1));
  const began = performance.now();
  await world.must(...job.args);
  const usualMs = performance.now() - began;
  await job.promise?.();
  return usualMs;
}

/** Runs a command under a fault, then the next one, then `repair --apply`, and looks what is missing and what is left. */
export async function tryFault(world: World, fault: PlannedFault, usualMs: number): Promise<Outcome> {
  const random = createRandom(fault.seed);
  const job = await prepareJob(world, fault.command, random);
  const { finished, note } = await inflict(world, fault, job.args, usualMs, random);
  const stuck: string[] = [];
  if (finished.exitCode === BUG) stuck.push(`under the fault: a bug: ${finished.stderr.slice(0, 1500)}`);
  if (finished.exitCode === -1) stuck.push("under the fault: it hung");
  if (finished.exitCode === 0) await job.promise?.();
  stuck.push(...(await goOn(world, job)));
  const left = await untilGone(() => findLeftovers(world));
  return { note, stuck, lost: await findLosses(world), left };
}

async function goOn(world: World, { next, also = [], promise }: Job): Promise<string[]> {
  const stuck: string[] = [];
  const expect = async (args: readonly string[], codes: readonly number[]) => {
    const done = await world.box.devkitWith({ timeout: HANG_MS }, ...args);
    if (!codes.includes(done.exitCode))
      stuck.push(
        `then devkit ${args.join(" ")}: exit ${String(done.exitCode)}: ${(done.stderr || done.stdout).slice(-1500)}`,
      );
    return done;
  };
  const again = await expect(next, [0, ...also]);
  if (again.exitCode === 0) await promise?.();
  await expect(["repair", "--apply"], [0]);
  const { stdout } = await expect(["--json", "repair"], [0]);
  const { data } = JSON.parse(stdout) as { data?: { actions: { action: string }[] } };
  stuck.push(
    ...(data?.actions ?? []).map(({ action }) => `after repair --apply there is still to do: ${action}`),
  );
  return stuck;
}

/** What ends by itself gets the time to: the shell that takes a killed run's agents away. */
async function untilGone(look: () => Promise<string[]>): Promise<string[]> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const left = await look();
    if (left.length === 0 || performance.now() > untilMs) return left;
    await pause(200);
  }
}
