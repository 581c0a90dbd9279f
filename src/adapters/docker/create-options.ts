import type Docker from "dockerode";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import { withoutCaches } from "../../domain/caches/without-caches.js";
import { withoutEndpoint } from "../../domain/endpoint/without-endpoint.js";
import { EGRESS } from "../../domain/identity/names.js";
import { sharedMemorySize } from "../../domain/limits/temporary-size.js";
import { readNameServers } from "./name-servers.js";
import { layerMounts } from "./volumes.js";

const CPU_PERIOD_US = 100_000;
const ALONE = { NonRecursive: true, Propagation: "rprivate" } as const;

/** The same container, only to run one command beside the agent's own; it removes itself. */
export function helperOptions(
  spec: ContainerSpec,
  suffix: string,
  seconds: number,
  isPodman: boolean,
): Docker.ContainerCreateOptions {
  const options = createOptions(withoutEndpoint(withoutCaches(spec)), isPodman);
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

/** A container for dockerode. */
export function createOptions(spec: ContainerSpec, isPodman: boolean): Docker.ContainerCreateOptions {
  const { limits } = spec;
  return {
    name: spec.name,
    Hostname: spec.hostname,
    Image: spec.image,
    User: spec.user,
    WorkingDir: spec.workdir,
    Entrypoint: [...spec.command],
    Cmd: [],
    Env: Object.entries({ ...spec.env, ...serversOf(spec, isPodman) }).map(
      ([name, value]) => `${name}=${value}`,
    ),
    Labels: { ...spec.labels },
    ...endpointOf(spec),
    HostConfig: {
      NetworkMode: spec.network?.name ?? "none",
      ...namesOf(spec, isPodman),
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
      Tmpfs: tmpfsOf(spec, isPodman),
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

/** Podman serves no names of containers where name servers are given: the agent has its proxy's in a file. */
function namesOf({ network }: ContainerSpec, isPodman: boolean): Docker.HostConfig {
  if (network === undefined) return {};
  const [proxy] = network.dns;
  const hosts = isPodman && proxy !== undefined ? { ExtraHosts: [`${EGRESS.host}:${proxy}`] } : {};
  return { Dns: [...network.dns], ...hosts };
}

/** Podman has no name server at 127.0.0.11, which the way out asks on Docker. */
function serversOf({ isRouter }: ContainerSpec, isPodman: boolean): Record<string, string> {
  if (isRouter !== true || !isPodman) return {};
  const servers = readNameServers();
  return servers.length === 0 ? {} : { EGRESS_NAME_SERVERS: servers.join(" ") };
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

function tmpfsOf({ limits, readOnlyRoot, user }: ContainerSpec, isPodman: boolean): Record<string, string> {
  const size = `size=${String(limits.tmp)}`;
  const tmp = { "/tmp": `exec,mode=1777,${size}` };
  const [uid = "0", gid = "0"] = user.split(":");
  // Docker gives it the mode of the image's own directory, whatever is asked for; the owner stays. Podman takes no owner.
  const owned = isPodman ? `mode=1777,${size}` : `uid=${uid},gid=${gid},${size}`;
  return readOnlyRoot ? { ...tmp, "/run": owned, "/var/tmp": `mode=1777,${size}` } : tmp;
}
