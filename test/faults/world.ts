import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createSandbox, type Finished, type OtherHost, type Sandbox } from "../support/sandbox.js";
import { createLedger, type Ledger } from "./ledger.js";

/** The engine that the agents of a world are on. */
export interface FaultEngine {
  readonly host: OtherHost | undefined;
  /** Of the processes that engines tell as seen from here. */
  kill(pid: number): void;
  /** Undefined: it is not ours to kill. */
  readonly killItself: (() => Promise<void>) | undefined;
  docker(...args: readonly string[]): Promise<string>;
}

/** A repository with a pool of tasks and two agents, in which one fault after the other is tried. */
export interface World {
  readonly box: Sandbox;
  readonly engine: FaultEngine;
  readonly ledger: Ledger;
  /** A word that nothing else has. */
  word(): string;
  /** Runs devkit, which has to succeed: what prepares a fault is no part of it. */
  must(...args: string[]): Promise<Finished>;
}

/** Longer than any command takes, however busy the machine. */
export const HANG_MS = 180_000;

export async function createWorld(engine: FaultEngine): Promise<World> {
  const box = await createSandbox(engine.host === undefined ? {} : { host: engine.host });
  await box.setIdentity();
  const ledger = await createLedger(path.join(box.dir, "ledger"));
  const settings = [
    `[container]\nmounts = ["${ledger.dir}:/ledger"]`,
    '[agent]\ncommand = "sleep"\nargs = ["infinity"]',
  ];
  await writeFile(path.join(box.repo, "devkit.toml"), `${settings.join("\n")}\n`);
  await box.git("add", "devkit.toml");
  await box.git("commit", "-q", "-m", "settings");
  await ledger.add("commits", await box.git("rev-parse", "HEAD"));
  let words = 0;
  const world: World = {
    ...{ box, engine, ledger },
    word: () => `word${String((words += 1))}end`,
    async must(...args) {
      const done = await box.devkitWith({ timeout: HANG_MS }, ...args);
      if (done.exitCode !== 0)
        throw new Error(`devkit ${args.join(" ")}: exit ${String(done.exitCode)}\n${done.stderr}`);
      return done;
    },
  };
  await world.must("trust", "--yes");
  await world.must("agent", "up", "2");
  return world;
}
