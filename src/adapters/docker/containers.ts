import type Docker from "dockerode";
import type { ContainerRole, LabelledContainer } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import { withoutCaches } from "../../domain/caches/without-caches.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import { withoutEndpoint } from "../../domain/endpoint/without-endpoint.js";
import { sharedMemorySize } from "../../domain/limits/temporary-size.js";
import { LABELS } from "../../domain/identity/names.js";
import { ignoring, statusOf, withEngineErrors } from "./errors.js";
import { layerMounts } from "./volumes.js";

/** With `init`, a stop takes as long as the main process needs, and the keep-alive needs nothing. */
const STOP_SECONDS = 5;
const CPU_PERIOD_US = 100_000;
const ALONE = { NonRecursive: true, Propagation: "rprivate" } as const;

export async function listContainers(
  docker: Docker,
  role: ContainerRole,
  projectId: string | undefined,
): Promise<LabelledContainer[]> {
  const project = projectId === undefined ? [] : [`${LABELS.project}=${projectId}`];
  const filters = { label: [`${LABELS.role}=${role}`, ...project] };
  const found = await withEngineErrors("list containers", () =>
    docker.listContainers({ all: true, filters }),
  );
  return found.map((info) => ({
    id: info.Id,
    name: info.Names[0]?.replace(/^\//, "") ?? info.Id,
    state: info.State as ContainerState,
    statusText: info.Status,
    configHash: info.Labels[LABELS.configHash],
    config: info.Labels[LABELS.config],
    projectId: info.Labels[LABELS.project] ?? "",
    agentName: info.Labels[LABELS.agent] ?? "",
    root: info.Labels[LABELS.root],
    ports: info.Labels[LABELS.ports],
    networks: new Map(
      Object.entries(info.NetworkSettings.Networks).map(([name, one]) => [
        name,
        { networkId: one.NetworkID, address: one.IPAddress === "" ? undefined : one.IPAddress },
      ]),
    ),
  }));
}

export async function createContainer(docker: Docker, spec: ContainerSpec): Promise<string> {
  const attempt = async (): Promise<string | undefined> => {
    try {
      return (await docker.createContainer(createOptions(spec))).id;
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      return takeOver(docker, spec);
    }
  };
  const options = { deadlineMs: 30_000, what: `the name ${spec.name} to be free` };
  return withEngineErrors(`create the container ${spec.name}`, () => waitFor(attempt, options));
}

/**
 * The name is taken: by the same container from a killed run (its id), by an older one of ours (removed, or just being
 * so: undefined, try again), or by a stranger's.
 */
async function takeOver(docker: Docker, spec: ContainerSpec): Promise<string | undefined> {
  const found = await docker
    .getContainer(spec.name)
    .inspect()
    .catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  if (found === undefined || found.State.Status === "removing") return undefined;
  const labels = found.Config.Labels;
  const isOurs =
    labels[LABELS.project] === spec.labels[LABELS.project] &&
    labels[LABELS.role] === spec.labels[LABELS.role];
  if (!isOurs) {
    throw new DevkitError("E_ENGINE", `a container that devkit did not make is called ${spec.name}`, {
      hint: `rename it: docker rename ${spec.name} other-name`,
    });
  }
  if (labels[LABELS.configHash] === spec.labels[LABELS.configHash] && !found.State.Dead) return found.Id;
  await removeContainer(docker, found.Id);
  return undefined;
}

/** The same container, only to run one command beside the agent's own; it removes itself. */
export function helperOptions(
  spec: ContainerSpec,
  suffix: string,
  seconds: number,
): Docker.ContainerCreateOptions {
  const options = createOptions(withoutEndpoint(withoutCaches(spec)));
  return {
    ...options,
    name: `${spec.name}-${suffix}`,
    Entrypoint: ["/bin/sleep", String(seconds)],
    Labels: { ...spec.labels },
    // It runs git on what is there: it needs no network, and must not take the agent's address.
    NetworkingConfig: {},
    HostConfig: { ...options.HostConfig, NetworkMode: "none", AutoRemove: true },
  };
}

function createOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const { limits } = spec;
  return {
    name: spec.name,
    Hostname: spec.hostname,
    Image: spec.image,
    User: spec.user,
    WorkingDir: spec.workdir,
    Entrypoint: [...spec.command],
    Cmd: [],
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    ...endpointOf(spec),
    HostConfig: {
      NetworkMode: spec.network?.name ?? "none",
      ...(spec.network === undefined ? {} : { Dns: [...spec.network.dns] }),
      ...(spec.isRouter === true ? ROUTER : {}),
      ...(spec.restarts === true ? { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 5 } } : {}),
      ReadonlyRootfs: spec.readOnlyRoot,
      Init: true,
      Mounts: [
        ...spec.mounts.map((mount) => ({
          Type: "bind" as const,
          Source: mount.hostPath,
          Target: mount.containerPath,
          ReadOnly: mount.readOnly,
          // What is mounted below a read-only source would stay writable on many engines: it is left out.
          ...(mount.readOnly ? { BindOptions: ALONE } : {}),
        })),
        ...layerMounts(spec),
      ],
      Tmpfs: tmpfsOf(spec),
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      ShmSize: sharedMemorySize(limits.memory),
      Memory: limits.memory,
      MemorySwap: limits.memory,
      // A quota, because the engine refuses NanoCpus above the number of cores it has.
      CpuPeriod: CPU_PERIOD_US,
      CpuQuota: Math.round(limits.cpus * CPU_PERIOD_US),
      PidsLimit: limits.pids,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
    },
  };
}

/** For the one container that is on two kinds of networks: no packet gets from one to the other through it. */
const ROUTER: Docker.HostConfig = {
  // Its name servers answer on port 53, and have no right but to be there.
  Sysctls: { "net.ipv4.ip_forward": "0", "net.ipv4.ip_unprivileged_port_start": "0" },
};

function endpointOf({ network }: ContainerSpec): Pick<Docker.ContainerCreateOptions, "NetworkingConfig"> {
  if (network?.address === undefined) return {};
  const config = { IPAMConfig: { IPv4Address: network.address } };
  return { NetworkingConfig: { EndpointsConfig: { [network.name]: config } } };
}

function tmpfsOf({ limits, readOnlyRoot, user }: ContainerSpec): Record<string, string> {
  const size = `size=${String(limits.tmp)}`;
  const tmp = { "/tmp": `exec,mode=1777,${size}` };
  const [uid = "0", gid = "0"] = user.split(":");
  // The engine gives it the mode of the image's own directory, whatever is asked for; the owner stays.
  const owned = `uid=${uid},gid=${gid},${size}`;
  return readOnlyRoot ? { ...tmp, "/run": owned, "/var/tmp": `mode=1777,${size}` } : tmp;
}

export async function startContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("start the container", async () => {
    const container = docker.getContainer(id);
    const { State: state } = await container.inspect();
    if (state.Paused) await container.unpause();
    else await ignoring([304], container.start());
  });
}

export async function signalContainer(docker: Docker, id: string, signal: "SIGUSR1"): Promise<void> {
  await withEngineErrors("signal the container", () =>
    ignoring([404, 409], docker.getContainer(id).kill({ signal })),
  );
}

export async function stopContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("stop the container", async () => {
    const container = docker.getContainer(id);
    const { State: state } = await container.inspect();
    if (state.Paused) await container.unpause();
    await ignoring([304], container.stop({ t: STOP_SECONDS }));
  });
}

export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("remove the container", async () => {
    const container = docker.getContainer(id);
    // 404: gone already; 409: being removed by an earlier call, which is worth waiting for.
    await ignoring([404, 409], container.remove({ force: true, v: true }));
    const isGone = () =>
      container.inspect().then(
        () => undefined,
        (error: unknown) => (statusOf(error) === 404 ? true : Promise.reject(error as Error)),
      );
    await waitFor(isGone, { deadlineMs: 30_000, what: "the container to be gone" });
  });
}

export async function countExecs(docker: Docker, id: string): Promise<number> {
  return withEngineErrors("look at the container", async () => {
    const found = (await docker.getContainer(id).inspect()) as { ExecIDs?: string[] | null };
    const states = await Promise.all(
      (found.ExecIDs ?? []).map((execId) =>
        docker
          .getExec(execId)
          .inspect()
          .catch(() => undefined),
      ),
    );
    return states.filter((state) => state?.Running === true).length;
  });
}
