import { setTimeout as pause } from "node:timers/promises";
import type { KILLS } from "./plan.js";
import type { Random } from "./random.js";
import { startFaulty } from "./run-faulty.js";
import type { Inflicted } from "./inflict.js";
import type { World } from "./world.js";

type KillKind = (typeof KILLS)[number];

/** Runs a command, and kills something with -9 at a moment of it: some time between its start and its usual end. */
export async function killDuring(
  world: World,
  kind: KillKind,
  args: readonly string[],
  usualMs: number,
  random: Random,
): Promise<Inflicted> {
  const atMs = random.next() * usualMs;
  const whole = random.next() < 0.4;
  const chance = random.next();
  const devkit = startFaulty(world, args);
  const began = performance.now();
  let ending = false;
  const ended = devkit.ended.finally(() => (ending = true));
  await Promise.race([pause(atMs), ended]);
  const early = ending;
  const ms = String(Math.round(performance.now() - began));
  let what = kind as string;
  if (kind === "devkit") {
    devkit.kill(whole);
    what = whole ? "devkit and all that it had started" : "devkit";
  } else if (kind === "dockerd") await world.engine.killItself?.();
  else what = (await killMain(world, kind, chance)) ?? `no ${kind}`;
  return { finished: await ended, note: `${what} after ${ms} ms${early ? ", which was the end" : ""}` };
}

/** Of one of the containers with that role that run; the engine hears of it as of any death. */
async function killMain({ box, engine }: World, role: string, chance: number): Promise<string | undefined> {
  const labels = [`label=dev.devkit.root=${box.repo}`, `label=dev.devkit.role=${role}`];
  const filters = labels.flatMap((label) => ["--filter", label]);
  try {
    const ids = (await engine.docker("ps", "-q", ...filters)).split("\n").filter((id) => id !== "");
    const id = ids[Math.floor(chance * ids.length)];
    if (id === undefined) return undefined;
    const found = await engine.docker("inspect", "--format", "{{.State.Pid}} {{.Name}}", id);
    const [pid = "0", name = ""] = found.split(" ");
    if (Number(pid) > 1) engine.kill(Number(pid));
    return Number(pid) > 1 ? name : undefined;
  } catch {
    // It has gone meanwhile.
    return undefined;
  }
}
