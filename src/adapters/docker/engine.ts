import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import type { Engine } from "../../app/ports-engine.js";
import * as containers from "./containers.js";
import { withEngineErrors } from "./errors.js";
import { execIn } from "./exec.js";
import { buildImage, findImage, pullImage } from "./images.js";
import { readLogs } from "./logs.js";

/** How long a helper container lives at most; it removes itself even when devkit was killed. */
const HELPER_SECONDS = 3600;

/** The engine that answers at DOCKER_HOST or at the usual socket. */
export function createDockerEngine(): Engine {
  const docker = new Docker();
  return {
    async info() {
      const [info, version] = await withEngineErrors("ask the engine what it is", () =>
        Promise.all([docker.info() as Promise<Record<string, unknown>>, docker.version()]),
      );
      return {
        name: version.Platform.Name === "" ? "Docker" : version.Platform.Name,
        version: version.Version,
        apiVersion: version.ApiVersion,
        cpus: Number(info["NCPU"]),
        memoryBytes: Number(info["MemTotal"]),
        dataDir: String(info["DockerRootDir"]),
      };
    },
    listAgents: (projectId) => containers.listAgents(docker, projectId),
    createContainer: (spec) => containers.createContainer(docker, spec),
    startContainer: (id) => containers.startContainer(docker, id),
    stopContainer: (id) => containers.stopContainer(docker, id),
    removeContainer: (id) => containers.removeContainer(docker, id),
    countExecs: (id) => containers.countExecs(docker, id),
    exec: (id, request, streams) => execIn(docker, id, request, streams),
    async runOnce(spec, request, streams) {
      const options = containers.helperOptions(
        spec,
        `helper-${randomBytes(4).toString("hex")}`,
        HELPER_SECONDS,
      );
      const helper = await withEngineErrors("make a helper container", () => docker.createContainer(options));
      try {
        await withEngineErrors("start a helper container", () => helper.start());
        return await execIn(docker, helper.id, request, streams);
      } finally {
        await containers.removeContainer(docker, helper.id);
      }
    },
    logs: (id, options) => readLogs(docker, id, options),
    findImage: (reference) => findImage(docker, reference),
    pullImage: (reference, onProgress, signal) => pullImage(docker, reference, onProgress, signal),
    buildImage: (build, onProgress, signal) => buildImage(docker, build, onProgress, signal),
  };
}
