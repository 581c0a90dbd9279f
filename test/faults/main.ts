import { execa } from "execa";
import { createSandbox } from "../support/sandbox.js";
import { formatFigures, isSurvived, type Tried } from "./figures.js";
import { canJumpClock } from "./jump-clock.js";
import { useMachineEngine } from "./machine-engine.js";
import { HELP, parseOptions } from "./options.js";
import { engineLog, startOwnEngine } from "./own-engine.js";
import { COMMAND_NAMES, planFaults, type Kind, type PlannedFault, type PlanOptions } from "./plan.js";
import { measure, tryFault, type Outcome } from "./try-fault.js";
import { createWorld, type FaultEngine } from "./world.js";

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Kinds that cannot be tried here, and what they need. */
async function findMissing(): Promise<ReadonlyMap<Kind, string>> {
  const missing = new Map<Kind, string>();
  if (process.getuid?.() !== 0) {
    const why = "needs root, for a network, a disk and an engine of its own";
    for (const kind of ["agent", "egress", "broker", "dockerd", "disk"] as const) missing.set(kind, why);
  }
  const strace = await execa("strace", ["-V"], { reject: false });
  if (strace.exitCode !== 0) missing.set("eio", "needs strace: apt-get install strace");
  if (!(await canJumpClock())) missing.set("clock", "needs libfaketime: apt-get install faketime");
  return missing;
}

/** The images that agents and what they share start from, built if need be. */
async function findImages(): Promise<string[]> {
  const box = await createSandbox();
  try {
    const { exitCode, stderr } = await box.devkit("agent", "up", "1");
    if (exitCode !== 0) throw new Error(`no agent can be brought up on this machine's engine:\n${stderr}`);
    const label = `label=dev.devkit.root=${box.repo}`;
    const { stdout } = await execa("docker", ["ps", "-a", "--filter", label, "--format", "{{.Image}}"]);
    const shown = await box.json("config", "show");
    const settings = shown.data.settings as { key: string; value: string }[];
    const base = settings.find(({ key }) => key === "image.base")?.value ?? "";
    const ids = new Set(stdout.split("\n"));
    const tags = await execa("docker", [
      "image",
      "inspect",
      "--format",
      "{{range .RepoTags}}{{println .}}{{end}}",
      ...ids,
    ]);
    return [...new Set([base, ...tags.stdout.split("\n")])].filter((name) => name !== "");
  } finally {
    await box.remove();
  }
}

async function tryAll(engine: FaultEngine, options: PlanOptions, missing: ReadonlyMap<Kind, string>) {
  const plan = planFaults(options).filter(({ kind }) => !missing.has(kind));
  let world = await createWorld(engine);
  const tried: Tried[] = [];
  try {
    const usual = new Map<string, number>();
    for (const command of COMMAND_NAMES) usual.set(command, await measure(world, command));
    for (const fault of plan) {
      const outcome = await tryFault(world, fault, usual.get(fault.command) ?? 0);
      tried.push({ fault, outcome });
      report(fault, outcome);
      if (isSurvived(outcome)) continue;
      // What this one has broken is no fault of the next one.
      await world.box.remove();
      world = await createWorld(engine);
    }
  } finally {
    await world.box.remove();
  }
  return tried;
}

function report({ number, kind, command }: PlannedFault, outcome: Outcome): void {
  say(`${isSurvived(outcome) ? "✓" : "✗"} ${String(number)} ${kind}, ${command}: ${outcome.note}`);
  const found = { stuck: outcome.stuck, LOST: outcome.lost, left: outcome.left };
  for (const [name, all] of Object.entries(found)) for (const one of all) say(`    ${name}: ${one}`);
}

async function main([place = "", ...args]: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === "help") {
    say(HELP);
    return 0;
  }
  const missing = await findMissing();
  say(`seed ${String(options.seed)}`);
  for (const [kind, why] of missing) say(`left out: ${kind}: ${why}`);
  const tried = await (process.getuid?.() === 0
    ? onOwnEngine(place, (engine) => tryAll(engine, options, missing))
    : tryAll(useMachineEngine(), options, missing));
  say(`\n${formatFigures(tried)}`);
  const failed = tried.filter(({ outcome }) => !isSurvived(outcome)).map(({ fault }) => String(fault.number));
  const same = `--seed ${String(options.seed)} --count ${String(options.count)}`;
  if (failed.length > 0)
    say(`\nNot survived: ${failed.join(", ")}. Once more: npm run faults -- ${same} --fault N`);
  return failed.length === 0 && tried.length > 0 ? 0 : 1;
}

async function onOwnEngine<T>(place: string, use: (engine: FaultEngine) => Promise<T>): Promise<T> {
  const images = await findImages();
  const engine = await startOwnEngine(place).catch(async (error: unknown) => {
    throw new Error(`the engine did not come up: ${await engineLog(place)}`, { cause: error });
  });
  try {
    await engine.load(images);
    // Sandboxes from here on are on the disk that may be full.
    process.env["TMPDIR"] = `${place}/disk`;
    return await use(engine);
  } finally {
    await engine.stop();
  }
}

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 2;
});
process.exit(exitCode);
