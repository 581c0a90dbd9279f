import path from "node:path";
import { recordedSettings } from "../../domain/agents/container-spec.js";
import { PODMAN_SOCKET, userSockets } from "../../domain/engines/engine-place.js";
import type { WritablePlace, HostFacts } from "../../domain/mounts/source-problem.js";
import type { Host, ProjectDeps } from "../ports.js";
import type { MountHost } from "../ports-mounts.js";

type Needs = Pick<ProjectDeps, "project" | "engine"> & {
  readonly host: Host;
  readonly mountHost: MountHost;
};

/** Wherever an engine listens, here or after an update. */
const SOCKETS = [
  "/run/docker.sock",
  PODMAN_SOCKET,
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/buildkit/buildkitd.sock",
];
const ENGINE_DIRS = ["/var/lib/docker", "/var/lib/containerd", "/var/lib/containers"];

/** Where programs are, and what they are told to do. */
const SYSTEM = ["/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/var/spool/cron"];
const OWN = ["bin"];

/** What decides whether a mount is safe; `asked`: host paths that settings ask to be writable. */
export async function loadHostFacts(needs: Needs, asked: readonly WritablePlace[]): Promise<HostFacts> {
  const { project, mountHost, host } = needs;
  const home = host.env["HOME"] ?? "/root";
  const configHome = host.env["XDG_CONFIG_HOME"] ?? path.join(home, ".config");
  const both = async (places: readonly string[]) => {
    const real = await Promise.all(places.map((place) => mountHost.realPath(place)));
    return [...new Set([...places, ...real])];
  };
  const [sockets, engineDirs, stateHome, devkitDir, worktrees, homes, trusted, writable] = await Promise.all([
    loadSockets(needs, home).then(both),
    both(ENGINE_DIRS),
    both([path.dirname(project.stateDir)]),
    both([project.devkitDir, path.dirname(host.cachesDir)]),
    both([...project.places.found.values()]),
    both([home]),
    both([...SYSTEM, ...OWN.map((name) => path.join(home, name)), configHome, path.dirname(host.cachesDir)]),
    loadWritable(needs),
  ]);
  return {
    ...{ sockets, engineDirs, stateHome, devkitDir, worktrees, homes, trusted },
    writable: [...writable, ...asked],
  };
}

async function loadSockets({ host, mountHost, engine }: Needs, home: string): Promise<string[]> {
  const perUser = userSockets({ home, runtimeDir: host.env["XDG_RUNTIME_DIR"] });
  const there = await Promise.all(
    perUser.map(async (file) => ((await mountHost.inspect(file)).kind === "socket" ? [file] : [])),
  );
  const { socket } = engine.place;
  const usual = SOCKETS.flatMap((file) => [file, `/var${file}`]);
  return [...usual, ...there.flat(), ...(socket === undefined ? [] : [path.posix.normalize(socket)])];
}

/** What is mounted writable into any agent of this user, as the labels say. */
async function loadWritable({ engine, project }: Needs): Promise<WritablePlace[]> {
  const containers = await engine.listContainers("agent", undefined);
  return containers.flatMap(({ config, agentName, projectId }) => {
    const by = projectId === project.id ? agentName : `${agentName} of ${projectId}`;
    return recordedSettings(config).writable.map((place) => ({ path: place, by }));
  });
}
