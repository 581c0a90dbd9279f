import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import type { Engine, EngineInfo, ExecRequest, ExecStreams } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { besideOptions, sealNetwork } from "./beside.js";
import { createContainerLives } from "./container-lives.js";
import { connectEngine } from "./connect-engine.js";
import * as containers from "./containers.js";
import { helperOptions } from "./create-options.js";
import { createTraits, isRootless, requireRootful } from "./engine-traits.js";
import { withEngineErrors } from "./errors.js";
import { execIn } from "./exec.js";
import { listLeftHelpers, makeHelper } from "./make-helper.js";
import { createDockerImages } from "./image-store.js";
import { createDockerNetworks } from "./networks.js";
import { readLogs } from "./logs.js";
import { createDockerVolumes } from "./volumes.js";

/** How long a helper container lives at most; it removes itself even when devkit was killed. */
const HELPER_SECONDS = 3600;

/** The engine that the program `docker` would use here. */
export function createDockerEngine(): Engine {
  const { docker, place } = connectEngine();
  const traits = createTraits(docker);
  return {
    place,
    info: () => askInfo(docker),
    listContainers: (role, projectId) => containers.listContainers(docker, role, projectId, traits),
    createContainer: (spec) => containers.createContainer(docker, spec, traits),
    startContainer: (id) => containers.startContainer(docker, id),
    signalContainer: (id, signal) => containers.signalContainer(docker, id, signal),
    stopContainer: (id) => containers.stopContainer(docker, id),
    removeContainer: (id) => containers.removeContainer(docker, id),
    listLeftHelpers: (projectId) => listLeftHelpers(docker, projectId),
    countExecs: (id) => containers.countExecs(docker, id),
    exec: (id, request, streams) => execIn(docker, id, request, streams),
    ...createContainerLives(docker),
    seal: (id, request) => sealNetwork(docker, id, request),
    async runOnce(spec, request, streams) {
      await requireRootful(traits);
      const suffix = `helper-${randomBytes(4).toString("hex")}`;
      const options = helperOptions(spec, suffix, HELPER_SECONDS, await traits.isPodman());
      return runInHelper(docker, options, request, streams);
    },
    async runBeside(id, request, streams) {
      const { State: state } = await withEngineErrors("look at the container", () =>
        docker.getContainer(id).inspect(),
      );
      if (!state.Running)
        throw new DevkitError("E_AGENT_NOT_RUNNING", "the container whose network it is does not run");
      const options = besideOptions(id, request, HELPER_SECONDS);
      const command = { argv: request.argv, env: {}, workdir: "/", tty: false };
      return runInHelper(docker, options, command, streams);
    },
    ...createDockerNetworks(docker, traits),
    ...createDockerImages(docker),
    ...createDockerVolumes(docker),
    logs: (id, options) => readLogs(docker, id, options),
  };
}

async function askInfo(docker: Docker): Promise<EngineInfo> {
  const [info, version] = await withEngineErrors("ask the engine what it is", () =>
    Promise.all([docker.info() as Promise<Record<string, unknown>>, docker.version()]),
  );
  // Podman has the machine's name there.
  const isPodman = version.Components.some(({ Name: name }) => name === "Podman Engine");
  const platform = version.Platform.Name === "" ? "Docker" : version.Platform.Name;
  return {
    name: isPodman ? "Podman" : platform,
    isPodman,
    version: version.Version,
    apiVersion: version.ApiVersion,
    isRootless: isRootless(info),
    cpus: Number(info["NCPU"]),
    memoryBytes: Number(info["MemTotal"]),
    dataDir: String(info["DockerRootDir"]),
    systemTime: typeof info["SystemTime"] === "string" ? info["SystemTime"] : "",
  };
}

/** Runs a command in a container that only waits, and removes it. */
async function runInHelper(
  docker: Docker,
  options: Docker.ContainerCreateOptions,
  request: ExecRequest,
  streams: ExecStreams,
): Promise<number> {
  const helper = await makeHelper(docker, options);
  try {
    await withEngineErrors("start a helper container", () => helper.start());
    return await execIn(docker, helper.id, request, streams);
  } finally {
    await containers.removeContainer(docker, helper.id);
  }
}
