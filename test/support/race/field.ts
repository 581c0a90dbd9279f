import { execa } from "execa";
import { appendFile, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Sandbox } from "../sandbox.js";

/** Where agents race: their containers, and a directory that all of them have, with the log of all in it. */
export interface Field {
  readonly box: Sandbox;
  readonly agents: number;
  /** On the host. */
  readonly place: string;
  /** Agents whose containers were killed and not yet started again. */
  readonly down: Set<number>;
  /** Agents that stand still. */
  readonly frozen: Set<number>;
  /** Whether every task is done. */
  isOver: boolean;
  log(): Promise<string>;
  /** Adds a line about an agent to the log. */
  say(kind: string, index: number): Promise<void>;
  /** The name of an agent's container. */
  containerOf(index: number): string;
  findBroker(): Promise<string>;
  /** Whether it succeeded. */
  docker(...args: string[]): Promise<boolean>;
}

/** Before the agents are made: what their containers mount. A lease is short, so that what the dead had is soon free. */
export async function prepareField(box: Sandbox): Promise<void> {
  const place = placeOf(box);
  for (const name of ["memory", "pids", "linger"]) await mkdir(path.join(place, name), { recursive: true });
  await copyFile(path.join(import.meta.dirname, "worker.sh"), path.join(place, "worker"));
  await writeFile(path.join(place, "log"), "");
  const settings = `[container]\nmounts = ["${place}:/race"]\n[tasks]\nlease = "1s"\n`;
  await writeFile(path.join(box.repo, "devkit.toml"), settings);
  const { exitCode, stderr } = await box.devkit("trust", "--yes");
  if (exitCode !== 0) throw new Error(stderr);
}

export async function openField(box: Sandbox, agents: number): Promise<Field> {
  const place = placeOf(box);
  const names = (await box.containers()).map(({ name }) => name);
  const log = path.join(place, "log");
  return {
    ...{ box, agents, place, down: new Set(), frozen: new Set(), isOver: false },
    log: () => readFile(log, "utf8"),
    say: (kind, index) => appendFile(log, `${kind} agent-${String(index)} - 0\n`),
    containerOf: (index) => names.find((name) => name.endsWith(`-agent-${String(index)}`)) ?? "",
    async findBroker() {
      const labels = [`label=dev.devkit.root=${box.repo}`, "label=dev.devkit.role=broker"];
      return (await execa("docker", ["ps", "-aq", ...labels.flatMap((one) => ["--filter", one])])).stdout;
    },
    docker: async (...args) => (await execa("docker", args, { reject: false })).exitCode === 0,
  };
}

function placeOf(box: Sandbox): string {
  return path.join(box.dir, "race");
}
