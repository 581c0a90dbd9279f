import type { EnginePlace } from "../../../src/domain/engines/engine-place.js";
import { randomBytes } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type {
  Engine,
  ImageInfo,
  LabelledContainer,
  LabelledVolume,
  SealRequest,
} from "../../../src/app/ports-engine.js";
import { DevkitError } from "../../../src/base/errors.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { ContainerState } from "../../../src/domain/agents/observed.js";
import { LABELS } from "../../../src/domain/identity/names.js";
import { createFakeImageStore, type FakeImageStore } from "./image-store.js";
import { createFakeNetworks, type FakeNetworks } from "./networks.js";
import { runLocally, type RunCommand } from "./local-command.js";

export interface FakeContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  state: ContainerState;
  execs: number;
  /** How often it was started. */
  starts: number;
  main: ChildProcess | undefined;
  readonly log: string[];
  /** The packet filter in its network namespace, which goes with every stop. */
  seal: SealRequest | undefined;
  /** Processes that the kernel has ended for want of memory since it was started. */
  oomKills: number;
}

export interface FakeEngineOptions {
  readonly run?: RunCommand;
  /** Start the main process for real, for its log. */
  readonly runMain?: boolean;
  /** Called before every operation with its name and the container's; may throw or wait. */
  readonly before?: (operation: string, container: string) => void | Promise<void>;
  /** What an egress container does when it starts, or is told to by a signal. */
  readonly reload?: (spec: ContainerSpec) => void;
}

/** An engine in memory that keeps the contract of `test/contracts/engine-contract.ts`. */
export interface FakeEngine extends Engine, FakeNetworks, FakeImageStore {
  /** Tests say where it is. */
  place: EnginePlace;
  readonly containers: Map<string, FakeContainer>;
  readonly images: Map<string, ImageInfo>;
  /** Those that no container has. */
  readonly volumes: LabelledVolume[];
  /** What killed processes ran single commands in: id → name. */
  readonly leftHelpers: Map<string, string>;
  /** Names of the operations that changed something, with the container's name: `start devkit-…-agent-1`. */
  readonly changes: string[];
}

/** When everything ends in memory. */
const END = "2026-01-02T03:04:05.000Z";

export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const { run = runLocally, before = () => undefined, reload = () => undefined } = options;
  const containers = new Map<string, FakeContainer>();
  const images = new Map<string, ImageInfo>();
  const changes: string[] = [];
  const volumes: LabelledVolume[] = [];
  const leftHelpers = new Map<string, string>();
  const networks = createFakeNetworks(before, changes, (id) => containers.get(id)?.state === "running");
  const need = (id: string): FakeContainer => {
    const found = containers.get(id);
    if (found !== undefined) return found;
    throw new DevkitError("E_ENGINE", `there is no container ${id}`, { details: { status: 404 } });
  };
  const nameOf = (id: string) => containers.get(id)?.spec.name ?? id;
  const change = async (operation: string, name: string) => {
    await before(operation, name);
    changes.push(`${operation} ${name}`);
  };
  const end = (container: FakeContainer, state: ContainerState) => {
    container.main?.kill("SIGKILL");
    container.seal = undefined;
    container.state = state;
  };
  return {
    containers,
    images,
    changes,
    volumes,
    leftHelpers,
    place: { url: "unix:///var/run/docker.sock", from: "the usual place", socket: "/var/run/docker.sock" },
    info: () =>
      Promise.resolve({
        name: "Fake",
        version: "1",
        apiVersion: "1.43",
        isPodman: false,
        isRootless: false,
        cpus: 2,
        memoryBytes: 1024 ** 4,
        dataDir: "/",
        systemTime: new Date().toISOString(),
      }),
    ...networks,
    ...createFakeImageStore(images, changes),
    listLeftHelpers: () => Promise.resolve([...leftHelpers].map(([id, name]) => ({ id, name }))),
    listLooseVolumes: () => Promise.resolve([...volumes]),
    removeVolume(name) {
      volumes.splice(0, volumes.length, ...volumes.filter((one) => one.name !== name));
      return Promise.resolve();
    },
    async listContainers(role, projectId) {
      await before("list", projectId ?? "");
      return [...containers.values()]
        .filter(({ spec }) => spec.labels[LABELS.role] === role)
        .filter(({ spec }) => projectId === undefined || spec.labels[LABELS.project] === projectId)
        .map((container) => ({ ...toLabelled(container), networks: networks.attachedTo(container.id) }));
    },
    async createContainer(spec) {
      await before("create", spec.name);
      const taken = [...containers.values()].find((one) => one.spec.name === spec.name);
      if (taken !== undefined) {
        const isOurs =
          sameLabel(taken.spec, spec, LABELS.project) && sameLabel(taken.spec, spec, LABELS.role);
        if (!isOurs)
          throw new DevkitError("E_ENGINE", `a container that devkit did not make is called ${spec.name}`);
        if (sameLabel(taken.spec, spec, LABELS.configHash)) return taken.id;
        end(taken, "removing");
        containers.delete(taken.id);
      }
      changes.push(`create ${spec.name}`);
      const id = randomBytes(32).toString("hex");
      networks.join(id, spec);
      containers.set(id, {
        id,
        spec,
        state: "created",
        execs: 0,
        starts: 0,
        main: undefined,
        log: [],
        seal: undefined,
        oomKills: 0,
      });
      return id;
    },
    async startContainer(id) {
      await change("start", nameOf(id));
      const container = need(id);
      networks.requireJoined(id, container.spec);
      if (container.state !== "running" && container.state !== "paused") {
        if (options.runMain === true) startMain(container);
        reload(container.spec);
      }
      if (container.state !== "running" && container.state !== "paused") {
        container.starts += 1;
        container.oomKills = 0;
      }
      container.state = "running";
    },
    async stopContainer(id) {
      await change("stop", nameOf(id));
      const container = need(id);
      if (container.state !== "created") end(container, "exited");
    },
    async removeContainer(id) {
      await change("remove", nameOf(id));
      const container = containers.get(id);
      if (container !== undefined) end(container, "removing");
      networks.leave(id);
      containers.delete(id);
      leftHelpers.delete(id);
    },
    findStart(id) {
      const { state, starts } = containers.get(id) ?? { state: "removing", starts: 0 };
      return Promise.resolve(state === "running" || state === "paused" ? String(starts) : undefined);
    },
    findEnd(id) {
      const { state, oomKills } = containers.get(id) ?? { state: "running", oomKills: 0 };
      const end = { outOfMemory: oomKills > 0, at: END };
      return Promise.resolve(state === "running" || state === "paused" ? undefined : end);
    },
    countOomKills: (id) => Promise.resolve(containers.get(id)?.oomKills),
    findUsage: (id) => {
      const isRunning = containers.get(id)?.state === "running";
      return Promise.resolve({ peakMemory: isRunning ? 3 * 1024 ** 2 : undefined, layerBytes: 4096 });
    },
    findLoad: (id) =>
      Promise.resolve(
        containers.get(id)?.state === "running" ? { memory: 2 * 1024 ** 2, cpus: 0.25 } : undefined,
      ),
    findLastOom: (id) => Promise.resolve((containers.get(id)?.oomKills ?? 0) > 0 ? END : undefined),
    async seal(id, request) {
      await change("seal", nameOf(id));
      if (need(id).state !== "running") throw new DevkitError("E_ENGINE", "the container does not run");
      need(id).seal = request;
    },
    async signalContainer(id, signal) {
      await change(`signal ${signal}`, nameOf(id));
      const container = containers.get(id);
      if (container?.state === "running") reload(container.spec);
    },
    countExecs: (id) => Promise.resolve().then(() => need(id).execs),
    async exec(id, request, streams) {
      const container = need(id);
      if (container.state !== "running") {
        throw new DevkitError("E_AGENT_NOT_RUNNING", "the container cannot run commands");
      }
      container.execs += 1;
      try {
        return await run(container.spec, request, streams);
      } finally {
        container.execs -= 1;
      }
    },
    async runOnce(spec, request, streams) {
      await before("run once", spec.name);
      return run(spec, request, streams);
    },
    async runBeside(id, request, streams) {
      const { spec, state } = need(id);
      await before("run beside", spec.name);
      if (state !== "running") throw new DevkitError("E_AGENT_NOT_RUNNING", "the container does not run");
      const { argv, user } = request;
      return run(
        { ...spec, user, mounts: [], env: {} },
        { argv, env: {}, workdir: "/", tty: false },
        streams,
      );
    },
    async *logs(id, { tail }) {
      await before("logs", nameOf(id));
      const lines = need(id).log;
      yield* tail === undefined ? lines : tail === 0 ? [] : lines.slice(-tail);
    },
    findImage: (reference) =>
      Promise.resolve(images.get(reference) ?? [...images.values()].find(({ id }) => id === reference)),
    async pullImage(reference) {
      await before("pull", reference);
      throw new DevkitError("E_IMAGE_MISSING", `the image ${reference} is not here and cannot be pulled`);
    },
    async buildImage(build) {
      await change("build", build.tag);
      const id = `sha256:${randomBytes(32).toString("hex")}`;
      images.set(build.tag, { id, env: [], architecture: "amd64", sizeBytes: 1 });
      return id;
    },
  };
}

function sameLabel(one: ContainerSpec, other: ContainerSpec, label: string): boolean {
  return one.labels[label] === other.labels[label];
}

function startMain(container: FakeContainer): void {
  const [program = "", ...args] = container.spec.command;
  const main = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  container.main = main;
  for (const stream of [main.stdout, main.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      container.log.push(`${new Date().toISOString()} ${line}`);
    });
  }
  main.on("exit", () => {
    if (container.main === main) container.state = "exited";
  });
}

function toLabelled({ id, spec, state }: FakeContainer): Omit<LabelledContainer, "networks"> {
  return {
    id,
    name: spec.name,
    state,
    statusText: state,
    configHash: spec.labels[LABELS.configHash],
    config: spec.labels[LABELS.config],
    projectId: spec.labels[LABELS.project] ?? "",
    agentName: spec.labels[LABELS.agent] ?? "",
    root: spec.labels[LABELS.root],
    ports: spec.labels[LABELS.ports],
  };
}
