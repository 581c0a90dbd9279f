import path from "node:path";
import { labelled, type ContainerSpec, type HostUser } from "../agents/container-spec.js";
import { brokerName } from "../identity/names.js";
import { brokerPaths, locksDir, type Project } from "../identity/project.js";

/** Places inside the container (docker/broker.Dockerfile). */
const IN_BROKER = {
  program: "/usr/lib/devkit/dist/broker.mjs",
  pool: "/devkit/pool",
  base: "/devkit/broker",
} as const;

const MIB = 1024 ** 2;
/** Node and a pool of 10,000 tasks need half of it. */
const LIMITS = { memory: 384 * MIB, cpus: 1, pids: 64, tmp: 16 * MIB };
const LONGEST_HOSTNAME = 63;

export interface BrokerSpecInput {
  readonly project: Project;
  readonly imageId: string;
  readonly user: HostUser;
  /** The name of this machine: locks of its brokers are not those of another's. */
  readonly machine: string;
  readonly version: string;
}

/** The host directories of the pool that the broker works on. */
export function poolDirs(project: Project): { readonly refs: string; readonly locks: string } {
  return { refs: path.join(project.devkitDir, "refs"), locks: path.join(locksDir(project), "tasks") };
}

/** The container behind agents' sockets: the pool and its own directory, no worktree, no home, no network. */
export function brokerSpec({ project, imageId, user, machine, version }: BrokerSpecInput): ContainerSpec {
  const { base, config } = brokerPaths(project);
  const { refs, locks } = poolDirs(project);
  const at = (hostPath: string, containerPath: string, readOnly = false) => ({
    ...{ hostPath, containerPath, readOnly },
  });
  return labelled(
    { project, role: "broker", agent: undefined, version },
    {
      name: brokerName(project),
      hostname: `broker-${machine.replaceAll(/[^A-Za-z0-9-]/g, "-")}`
        .slice(0, LONGEST_HOSTNAME)
        .replace(/-+$/, ""),
      image: imageId,
      user: `${String(user.uid)}:${String(user.gid)}`,
      workdir: "/",
      command: ["node", IN_BROKER.program, IN_BROKER.pool, IN_BROKER.base],
      env: {},
      mounts: [
        at(refs, `${IN_BROKER.pool}/refs`),
        at(locks, `${IN_BROKER.pool}/locks/tasks`),
        at(base, IN_BROKER.base),
        at(config, `${IN_BROKER.base}/config`, true),
      ],
      limits: LIMITS,
      network: undefined,
      readOnlyRoot: true,
      restarts: true,
    },
  );
}
