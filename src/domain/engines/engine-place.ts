import path from "node:path";

/** Where the engine is that devkit talks to. */
export interface EnginePlace {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`. */
  readonly url: string;
  /** Who says so, for people: `DOCKER_HOST`, `the context colima`, `the usual place`. */
  readonly from: string;
  /** Its socket on this machine; undefined: it is reached over the network, and may be elsewhere. */
  readonly socket: string | undefined;
}

export const USUAL_SOCKET = "/var/run/docker.sock";

/** Sockets that engines of one user have by themselves: rootless ones, and those that come with a machine of their own. */
export function userSockets({
  home,
  runtimeDir,
}: {
  readonly home: string;
  readonly runtimeDir: string | undefined;
}): string[] {
  const running = runtimeDir === undefined ? [] : ["docker.sock", "podman/podman.sock"];
  const inHome = [
    // Docker Desktop on macOS and on Linux, Colima, Rancher Desktop.
    ...[".docker/run/docker.sock", ".docker/desktop/docker.sock", ".colima/default/docker.sock"],
    ".rd/docker.sock",
  ];
  return [
    ...running.map((name) => path.join(runtimeDir ?? "", name)),
    ...inHome.map((name) => path.join(home, name)),
  ];
}

/** Podman's, where the system runs it. */
export const PODMAN_SOCKET = "/run/podman/podman.sock";
