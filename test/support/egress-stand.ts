import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { waitFor } from "../../src/base/wait.js";
import { parseAudit, type AuditEntry } from "../../src/domain/egress/audit.js";
import { egressFiles, type EgressAgent, type EgressName } from "../../src/domain/egress/egress-files.js";
import { createSandbox } from "./sandbox.js";

const LABEL = "devkit-test-egress";
const CLIENT = path.resolve(import.meta.dirname, "egress-client.mjs");
const DOCKER_DIR = path.resolve(import.meta.dirname, "../../docker");
/** Nobody in particular: the container has to run as any user. */
const USER = 23456;

/** Names of the stand-in for the internet: the first three point at itself, the others at what is not for agents. */
export const NAMES = {
  allowed: "allowed.test",
  other: "other.test",
  wild: "deep.wild.test",
  loopback: "loopback.test",
  private: "private.test",
  metadata: "metadata.test",
  carrier: "carrier.test",
  own: "own.test",
} as const;

/** `host` as a rule that allows its port 443 and nothing else. */
export const rule = (host: string, until = 0) => ({ target: `^${host.replaceAll(".", "\\.")}:443$`, until });

/** What is set up for an agent besides its name, address and clients. */
export interface AgentPolicy {
  readonly rules?: EgressAgent["rules"];
  readonly names?: readonly EgressName[];
}

/** What a client says: each role of egress-client.mjs has some of these. */
export interface Answer {
  readonly status: number;
  readonly error: string;
  readonly head: string;
  readonly body: string;
  readonly echo: boolean;
  readonly rcode: number;
  readonly count: number;
  readonly addresses: string;
  readonly ms: number;
  readonly at: number;
  readonly live: number;
  readonly open: number;
  readonly sent: number;
}

/** A running client in an agent's container that answers lines. */
export interface Conversation {
  /** The next thing it says. */
  next(): Promise<Answer>;
  /** Makes it say something about how it is. */
  ask(): Promise<Answer>;
  end(): Promise<void>;
}

/** An egress container, agents in networks of their own, and a stand-in for the internet. */
export interface EgressStand {
  /** Writes the policy of these agents (`agent-1` …), signals, and waits until it is applied: how long that took. */
  apply(agents: Readonly<Record<string, AgentPolicy>>): Promise<number>;
  /** The same without a signal or a wait. */
  write(agents: Readonly<Record<string, AgentPolicy>>): Promise<string>;
  signal(name: string): Promise<void>;
  start(): Promise<void>;
  /** Attaches agent N's network, with the address that its policy names. */
  attach(index: number): Promise<void>;
  address(index: number): string;
  /** The address of the stand-in for the internet. */
  readonly internet: string;
  /** Runs a client in agent N's container and answers what it says first. */
  client(index: number, ...args: string[]): Promise<Answer>;
  converse(index: number, ...args: string[]): Conversation;
  /** A shell command in the egress container, as its user. */
  inside(script: string): Promise<string>;
  /** Process ids in the egress container by the start of the command line. */
  pids(pattern: string): Promise<string[]>;
  isRunning(): Promise<boolean>;
  exitCode(): Promise<number>;
  errors(): Promise<string>;
  log(file: string): Promise<string | undefined>;
  audit(): Promise<AuditEntry[]>;
  writePolicyFile(file: string, text: string): Promise<void>;
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  remove(): Promise<void>;
}

const docker = async (...args: string[]) => (await execa("docker", args)).stdout.trim();

/** Everything that carries the label of a run. */
async function removeLabelled(run: string): Promise<void> {
  const filter = ["-q", "--filter", `label=${LABEL}=${run}`];
  const containers = (await docker("ps", "-a", ...filter)).split("\n").filter(Boolean);
  if (containers.length > 0) await docker("rm", "-f", "-v", ...containers);
  const networks = (await docker("network", "ls", ...filter)).split("\n").filter(Boolean);
  if (networks.length > 0) await docker("network", "rm", ...networks);
}

/** Networks whose addresses count up from a random place, as other tests may have networks too. */
async function createNetworks(run: string, agents: number) {
  const create = async (name: string, subnet: string, ...options: string[]) => {
    await docker("network", "create", "--subnet", subnet, "--label", `${LABEL}=${run}`, ...options, name);
  };
  for (let tries = 0; ; tries++) {
    const second = randomInt(1, 255);
    const third = randomInt(1, 255);
    // Outward, a range that is public: documentation ranges (203.0.113.0/24) count as private for dnsmasq.
    const outward = `11.${String(second)}.${String(third)}`;
    const inner = `10.${String(second)}.${String(third)}`;
    try {
      await create(`${LABEL}-${run}-out`, `${outward}.0/28`);
      for (let index = 1; index <= agents; index++) {
        const subnet = `${inner}.${String((index - 1) * 8)}/29`;
        const options = ["--internal", "-o", "com.docker.network.bridge.inhibit_ipv4=true"];
        await create(`${LABEL}-${run}-${String(index)}`, subnet, ...options);
      }
      return { outward, inner };
    } catch (error) {
      await removeLabelled(run);
      if (tries >= 5 || !String(error).includes("overlap")) throw error;
    }
  }
}

/** Builds the image as devkit would; answers its id. */
async function buildEgressImage(): Promise<string> {
  const context = await mkdtemp(path.join(tmpdir(), "devkit-egress-image-"));
  try {
    for (const part of ["egress.Dockerfile", "egress", "shared"]) {
      await execa("cp", ["-r", path.join(DOCKER_DIR, part), context]);
    }
    await mkdir(path.join(context, "ca"));
    const certificates = process.env["NODE_EXTRA_CA_CERTS"] ?? process.env["SSL_CERT_FILE"];
    if (certificates !== undefined) await execa("cp", [certificates, path.join(context, "ca/bundle.pem")]);
    await writeFile(path.join(context, "ca/.keep"), "");
    const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].filter(
      (name) => process.env[name] !== undefined,
    );
    const args = proxies.flatMap((name) => ["--build-arg", name]);
    const build = ["build", "-q", "--network=host", ...args, "-f", "egress.Dockerfile", "-t", LABEL, "."];
    return (await execa("docker", build, { cwd: context })).stdout.trim();
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function agentImage(): Promise<string> {
  const sandbox = await createSandbox();
  try {
    const built = await sandbox.json("image", "build");
    return (built.data as { reference: string }).reference;
  } finally {
    await sandbox.remove();
  }
}

/** @param agents How many networks and containers of agents there are; all but the last `late` are attached. */
export async function createEgressStand(agents: number, { late = 0 } = {}): Promise<EgressStand> {
  const run = randomBytes(4).toString("hex");
  const [egressImage, nodeImage] = [await buildEgressImage(), await agentImage()];
  const dir = await mkdtemp(path.join(tmpdir(), "devkit-egress-"));
  const [policyDir, logDir] = [path.join(dir, "policy"), path.join(dir, "log")];
  await mkdir(policyDir);
  await mkdir(logDir);
  await chown(logDir, USER, USER);
  await execa("chmod", ["755", dir]);
  const { outward, inner } = await createNetworks(run, agents);
  const labels = ["--label", `${LABEL}=${run}`];
  const network = (name: string | number) => `${LABEL}-${run}-${String(name)}`;
  const address = (index: number) => `${inner}.${String((index - 1) * 8 + 2)}`;
  const egress = network("egress");
  const agentName = (index: number) => network(`agent-${String(index)}`);
  const client = ["-v", `${CLIENT}:/client.mjs:ro`];
  const idle = ["sh", "-c", "exec sleep 3600"];

  await docker(
    ...["run", "-d", ...labels, ...client, "--network", network("out"), "--ip", `${outward}.3`],
    ...["--ulimit", "nofile=8192", nodeImage, "node", "/client.mjs", "internet"],
  );
  const records = {
    [NAMES.loopback]: "127.0.0.1",
    [NAMES.private]: "10.1.2.3",
    [NAMES.metadata]: "169.254.169.254",
    [NAMES.carrier]: "100.64.1.1",
    [NAMES.own]: "11.255.255.1",
  };
  await docker(
    ...["run", "-d", ...labels, "--network", network("out"), "--ip", `${outward}.4`],
    ...[
      "--entrypoint",
      "dnsmasq",
      egressImage,
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--no-resolv",
    ],
    ...["--user=root", ...Object.entries(records).map(([name, to]) => `--address=/${name}/${to}`)],
    `--address=/test/${outward}.3`,
  );
  await docker(
    ...["create", "--name", egress, ...labels, "--network", network("out"), "--dns", `${outward}.4`],
    ...["--user", `${String(USER)}:${String(USER)}`, "--cap-drop", "ALL", "--read-only"],
    ...["--security-opt", "no-new-privileges", "--sysctl", "net.ipv4.ip_forward=0", "--pids-limit", "4096"],
    ...["--tmpfs", `/run/egress:mode=0700,uid=${String(USER)},gid=${String(USER)},size=16m`],
    ...["-v", `${policyDir}:/etc/egress:ro`, "-v", `${policyDir}/resolv.conf:/etc/resolv.conf:ro`],
    ...["-v", `${logDir}:/var/log/egress`, egressImage],
  );
  const attach = async (index: number) => {
    const to = ["--ip", address(index), "--alias", "tinyproxy", network(index), egress];
    await docker("network", "connect", ...to);
  };
  for (let index = 1; index <= agents - late; index++) await attach(index);
  for (let index = 1; index <= agents; index++) {
    await docker(
      ...["run", "-d", "--name", agentName(index), ...labels, ...client, "--network", network(index)],
      // Not .2, which is the proxy's also while its container is not running.
      ...[
        "--ip",
        `${inner}.${String((index - 1) * 8 + 3)}`,
        "--dns",
        address(index),
        "-e",
        `PROXY=${address(index)}`,
        "--cap-drop",
        "ALL",
        "--user",
        "1000:1000",
      ],
      ...["--ulimit", "nofile=8192", nodeImage, ...idle],
    );
  }

  const until = async (what: string, condition: () => Promise<boolean>) => {
    const probe = async () => ((await condition()) ? true : undefined);
    await waitFor(probe, { deadlineMs: 60_000, intervalMs: 10, what });
  };
  const writePolicyFile = async (file: string, text: string) => {
    const target = path.join(policyDir, file);
    await mkdir(path.dirname(target), { recursive: true });
    // The container mounts this one as a file, which a rename would not change.
    if (file === "resolv.conf") return writeFile(target, text);
    await writeFile(`${target}.new`, text);
    await rename(`${target}.new`, target);
  };
  const write = async (policies: Readonly<Record<string, AgentPolicy>>) => {
    const described = Object.entries(policies).map(([name, { rules = [], names = [] }]) => {
      const index = Number(name.replace("agent-", ""));
      const subnet = `${inner}.${String((index - 1) * 8)}/29`;
      return { name, address: address(index), client: subnet, rules, names };
    });
    const files = egressFiles({ agents: described, blocked: ["11.255.0.0/16"], private: [] });
    const existing = await readdir(path.join(policyDir, "agents")).catch(() => []);
    for (const name of existing.filter((known) => !(known in policies))) {
      await rm(path.join(policyDir, "agents", name), { recursive: true });
    }
    for (const [file, text] of files) await writePolicyFile(file, text);
    return (files.get("generation") ?? "").trim();
  };
  const log = (file: string) => readFile(path.join(logDir, file), "utf8").catch(() => undefined);
  const signal = async (name: string) => {
    await docker("kill", "-s", name, egress);
  };
  const applied = (generation: string) =>
    until(`the policy ${generation}`, async () => (await log("applied"))?.trim() === generation);
  const inside = (script: string) => docker("exec", egress, "sh", "-c", script);
  const converse = (index: number, ...args: string[]) =>
    conversation(["exec", "-i", agentName(index), "node", "/client.mjs", ...args]);
  return {
    async apply(policies) {
      const started = performance.now();
      const generation = await write(policies);
      if ((await docker("inspect", "-f", "{{.State.Running}}", egress)) === "true") await signal("USR1");
      else await docker("start", egress);
      await applied(generation);
      return performance.now() - started;
    },
    write,
    signal,
    async start() {
      await docker("start", egress);
    },
    attach,
    address,
    internet: `${outward}.3`,
    async client(index, ...args) {
      const { stdout } = await execa("docker", ["exec", agentName(index), "node", "/client.mjs", ...args]);
      return JSON.parse(stdout) as Answer;
    },
    converse,
    inside,
    async pids(pattern) {
      // pgrep is not in the image, and the pattern must not find the shell that looks for it.
      const script = `for d in /proc/[0-9]*; do tr '\\0' ' ' < $d/cmdline | grep -q -- "^${pattern}" && echo \${d#/proc/}; done; true`;
      return (await inside(script)).split("\n").filter(Boolean);
    },
    isRunning: async () => (await docker("inspect", "-f", "{{.State.Running}}", egress)) === "true",
    exitCode: async () => Number(await docker("inspect", "-f", "{{.State.ExitCode}}", egress)),
    errors: async () => (await execa("docker", ["logs", egress])).stderr,
    log,
    audit: async () => parseAudit(`${(await log("audit.1.log")) ?? ""}${(await log("audit.log")) ?? ""}`),
    writePolicyFile,
    until,
    async remove() {
      await removeLabelled(run);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function conversation(args: readonly string[]): Conversation {
  const child = spawn("docker", args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as Answer;
  return {
    next,
    async ask() {
      child.stdin.write("\n");
      return next();
    },
    async end() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "close");
    },
  };
}
