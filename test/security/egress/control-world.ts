import { execa } from "execa";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createSandbox } from "../../support/sandbox.js";
import { ADDRESSES } from "./addresses.js";
import { parseOutcomes, type Outcomes } from "./arrivals.js";
import type { Plan, Probe } from "./plan.js";
import { directProbes, type Surroundings } from "./probes-direct.js";
import type { PrivatePlaces } from "./probes-names.js";
import { permittedProbe, proxyProbes } from "./probes-proxy.js";
import { programText, startRig, type Rig } from "./rig.js";

/** The agents' image with a tinyproxy in it, in the machine's engine. */
async function buildImage(): Promise<string> {
  const box = await createSandbox();
  try {
    await writeFile(path.join(box.repo, "devkit.toml"), '[image]\npackages = ["tinyproxy-bin"]\n');
    const built = await box.json("image", "build");
    if (!built.ok) throw new Error(built.error?.message);
    return built.data.reference as string;
  } finally {
    await box.remove();
  }
}

/** A network without any of devkit's rules, with a container that probes, another beside it, and two open proxies. */
export interface ControlWorld {
  readonly rig: Rig;
  readonly around: Surroundings;
  readonly places: PrivatePlaces;
  /** Runs a plan in the container that probes. */
  run(plan: Plan): Promise<Outcomes>;
}

export async function startWithImage(): Promise<{ rig: Rig; image: string }> {
  const image = await buildImage();
  const rig = await startRig();
  try {
    await rig.load(image);
    return { rig, image };
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

const TINYPROXY_PORT = "8888";
const CARELESS_PORT = "8889";

/** Nothing filtered, names resolved as they come. */
const TINYPROXY = [
  `Port ${TINYPROXY_PORT}`,
  "Timeout 20",
  "MaxClients 600",
  "LogLevel Connect",
  "DisableViaHeader Yes",
];

interface ControlOptions {
  readonly name: string;
  /** Of `docker network create`. */
  readonly network: readonly string[];
  /** The network's first three numbers. */
  readonly net: string;
}

export async function createControl(rig: Rig, image: string, options: ControlOptions): Promise<ControlWorld> {
  const { name, net } = options;
  await rig.docker(
    "network",
    "create",
    "--subnet",
    `${net}.0/24`,
    "--gateway",
    `${net}.1`,
    ...options.network,
    name,
  );
  const start = async (role: string, last: string, ...args: string[]) => {
    const container = `${name}-${role}`;
    const place = ["--network", name, "--ip", `${net}.${last}`, "--init", "--name", container];
    await rig.docker("run", "-d", ...place, ...args, image, "sleep", "infinity");
    return container;
  };
  const socket = `type=bind,source=${rig.dir}/engine.sock,target=/var/run/docker.sock`;
  const one = await start("one", "11", "--cap-add", "NET_RAW", "--mount", socket);
  const two = await start("two", "12");
  const proxy = await start("proxy", "2", "--sysctl", "net.ipv4.ip_forward=1");
  await rig.serveIn(two, "listen.pl", "agent", "tcp:9000", "udp:9000", "icmp", "tcp:443");
  await rig.serveIn(proxy, "listen.pl", "proxy-loopback", "tcp:443");
  await rig.serveIn(proxy, "stub.pl", "proxy-dns", `${net}.2`, "127.0.0.11");
  await rig.serveIn(proxy, "careless-proxy.pl", CARELESS_PORT);
  await startTinyproxy(rig, proxy);
  return {
    rig,
    around: {
      gateway: `${net}.1`,
      host: { public: ADDRESSES.hostPublic, private: ADDRESSES.hostPrivate, docker0: await docker0(rig) },
      proxy: `${net}.2`,
      other: { address: `${net}.12`, name: two, proxy: `${net}.2` },
      proxyOutside: `${net}.2`,
    },
    places: {
      gateway: `${net}.1`,
      outGateway: await docker0(rig),
      other: `${net}.12`,
    },
    async run(plan) {
      const args = ["--host", rig.dockerHost, "exec", "-i", one, "perl", "-e", await programText("probe.pl")];
      const { stdout } = await execa("docker", args, { input: plan.input });
      return parseOutcomes(stdout);
    },
  };
}

async function startTinyproxy(rig: Rig, container: string): Promise<void> {
  const script = `printf '%s\\n' "$@" >/tmp/tinyproxy.conf; exec tinyproxy -d -c /tmp/tinyproxy.conf >/tmp/log 2>&1`;
  await rig.docker("exec", "-d", container, "sh", "-c", script, "sh", ...TINYPROXY);
}

async function docker0(rig: Rig): Promise<string> {
  const shown = await rig.onHost("ip", "-4", "-o", "address", "show", "docker0");
  const address = /inet ([\d.]+)/.exec(shown)?.[1];
  if (address === undefined) throw new Error("the rig's host has no docker0");
  return address;
}

/** Every probe there is. */
export function allProbes({ around, places }: ControlWorld): readonly Probe[] {
  const proxy = { host: around.proxy, port: TINYPROXY_PORT };
  return [permittedProbe(proxy), ...directProbes(around), ...proxyProbes(proxy, places)];
}

/** Those that a proxy only carries out if it misreads them, by a proxy that always does. */
export function misreadProbes({ around, places }: ControlWorld): readonly Probe[] {
  return proxyProbes({ host: around.proxy, port: CARELESS_PORT }, places).filter(
    ({ misread }) => misread === true,
  );
}
