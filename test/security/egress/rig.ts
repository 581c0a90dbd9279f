import { execa, type ResultPromise } from "execa";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { waitFor } from "../../../src/base/wait.js";
import type { OtherHost } from "../../support/sandbox.js";
import { readArrivals, type Arrival } from "./arrivals.js";
import { removeCgroups, removeDeadRigs } from "./leftovers.js";

/**
 * A host with an engine of its own, and an internet that nobody else is connected to. Both live in network, mount and
 * pid namespaces whose first process ends with this one; disk, links and firewall rules are theirs and go with them.
 */
export interface Rig extends OtherHost {
  readonly dir: string;
  /** Runs a program on the rig's host: its network, its resolver, its processes; the same files. */
  onHost(...command: readonly string[]): Promise<string>;
  docker(...args: readonly string[]): Promise<string>;
  /** Images of the machine's engine get into the rig's. */
  load(...references: readonly string[]): Promise<void>;
  /**
   * One of the rig's Perl programs runs in a container's network and files until the rig ends, with rights that the
   * container does not have; what it prints is an arrival.
   */
  serveIn(container: string, program: string, ...args: readonly string[]): Promise<void>;
  /** Everything that arrived anywhere until now. */
  arrivals(): Promise<readonly Arrival[]>;
  stop(): Promise<void>;
}

const WORLD = path.join(import.meta.dirname, "world");
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** The text of one of the Perl programs. */
export const programText = (name: string): Promise<string> =>
  readFile(path.join(import.meta.dirname, name), "utf8");

/** Namespaces with an engine in them are root's to make. */
export const canMakeRig = process.getuid?.() === 0;

/** The first process of the namespaces, by its parent. */
type World = Pick<ResultPromise, "pid" | "exitCode">;

export interface RigOptions {
  /**
   * The host's net.ipv4.conf.all.rp_filter: 0, as the kernel has it, or 2, as systemd sets it. With 0 the host takes
   * packets from a bridge on which it has no address.
   */
  readonly rpFilter?: 0 | 2;
}

export async function startRig({ rpFilter = 0 }: RigOptions = {}): Promise<Rig> {
  await removeDeadRigs();
  const dir = await mkdtemp(path.join(tmpdir(), `devkit-rig-${String(process.pid)}-`));
  const log = { file: path.join(dir, "world.txt") };
  const args = [
    ...NAMESPACES,
    "sh",
    path.join(WORLD, "world.sh"),
    dir,
    WORLD,
    `/${path.basename(dir)}`,
    String(rpFilter),
  ];
  const world = execa("unshare", args, { stdin: "pipe", stdout: "ignore", stderr: log, reject: false });
  const stop = async () => {
    world.stdin.end();
    await world;
    await removeCgroups(path.basename(dir));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    return await openRig(dir, world, stop);
  } catch (error) {
    const said = await readFile(path.join(dir, "world.txt"), "utf8");
    await stop();
    throw new Error(`the rig did not come up: ${said}`, { cause: error });
  }
}

async function openRig(dir: string, world: World, stop: () => Promise<void>): Promise<Rig> {
  const dockerHost = `unix://${dir}/engine.sock`;
  const docker = async (...args: readonly string[]) =>
    (await execa("docker", ["--host", dockerHost, ...args], { stdin: "ignore" })).stdout;
  const isReady = async (file: string) =>
    /^#ready$/m.test(await readFile(path.join(dir, file), "utf8").catch(() => ""));
  const until = (what: string, condition: () => Promise<boolean>) =>
    waitFor(
      async () => {
        if (world.exitCode != null) throw new Error(`the world ended with ${String(world.exitCode)}`);
        return (await condition()) ? true : undefined;
      },
      { deadlineMs: 30_000, intervalMs: 50, what },
    );
  for (const file of ["capture.log", "host.log", "stub.log"]) await until(file, () => isReady(file));
  await until("the rig's engine", () =>
    docker("version").then(
      () => true,
      () => false,
    ),
  );
  const { stdout: first } = await execa("ps", ["-o", "pid=", "--ppid", String(world.pid)]);
  const enter = ["nsenter", "--target", first.trim(), "--net", "--mount", "--pid", "--"];
  const onHost = async (...command: readonly string[]) => {
    const [program = "", ...args] = [...enter, ...command];
    return (await execa(program, args, { stdin: "ignore" })).stdout;
  };
  let served = 0;
  return {
    dir,
    dockerHost,
    enter,
    onHost,
    docker,
    async load(...references) {
      const script = 'set -o pipefail; host=$1; shift; docker save "$@" | docker --host "$host" load';
      await execa("bash", ["-c", script, "bash", dockerHost, ...references]);
    },
    async serveIn(container, program, ...args) {
      const file = `served-${String((served += 1))}.log`;
      const output = { file: path.join(dir, file) };
      const pid = await docker("inspect", "--format", "{{.State.Pid}}", container);
      const inside = ["nsenter", "--target", pid, "--net", "--mount", "--", "perl", "-e"];
      const [command = "", ...rest] = [
        ...enter,
        ...inside,
        await programText(`world/${program}`),
        "--",
        ...args,
      ];
      void execa(command, rest, { stdin: "ignore", stdout: output, stderr: output, reject: false });

      await until(`${program} in ${container}`, () => isReady(file));
    },
    async arrivals() {
      await settle(dir, onHost, until);
      return readArrivals(dir);
    },
    stop,
  };
}

/** Sends something of its own to each recorder; what was on its way before that is written down by then. */
async function settle(
  dir: string,
  onHost: Rig["onHost"],
  until: (what: string, condition: () => Promise<boolean>) => Promise<unknown>,
): Promise<void> {
  const mark = `settled-${String(process.hrtime.bigint())}`;
  const script = 'for to in 93.185.0.1/9 127.0.0.1/8181; do echo "$1" >"/dev/udp/$to"; done';
  await onHost("bash", "-c", script, "bash", mark);
  for (const file of ["capture.log", "host.log"]) {
    await until(`${mark} in ${file}`, async () =>
      (await readFile(path.join(dir, file), "utf8")).includes(mark),
    );
  }
}
