import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../agents/agent.js";
import { CONTAINER } from "../identity/names.js";
import { agentPaths, brokerPaths, type Project } from "../identity/project.js";

/** A bind mount; the source must exist, its links resolved. */
export interface MountSpec {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  /** The source is a file. */
  readonly isFile?: boolean;
  /** The settings ask for it; what devkit itself runs for an agent does without. */
  readonly asked?: boolean;
}

/** A directory of objects; git looks for it at `containerPath`, which a link may make different from where it is. */
export interface ObjectDir {
  readonly hostPath: string;
  readonly containerPath: string;
}

/**
 * The mounts of git custody: files writable, the private git dir writable, shared history read-only, and nothing of
 * the common git dir besides. Objects keep their host path because alternates name it. `workspaceAt` is a further place
 * of the worktree.
 */
export function agentMounts(
  project: Project,
  agent: AgentRef,
  objectDirs: readonly ObjectDir[],
  workspaceAt?: string,
): MountSpec[] {
  const paths = agentPaths(project, agent);
  const at = (hostPath: string, containerPath: string, readOnly = false): MountSpec => ({
    hostPath,
    containerPath,
    readOnly,
  });
  const places = [...new Set([CONTAINER.workspace, paths.worktree, workspaceAt ?? CONTAINER.workspace])];
  return [
    ...places.map((place) => at(paths.worktree, place)),
    ...places.map((place) => at(paths.dotgit, `${place}/.git`, true)),
    at(paths.git, CONTAINER.git),
    at(paths.home, CONTAINER.home),
    at(paths.policy, CONTAINER.policy, true),
    at(path.join(brokerPaths(project).sockets, agent.name), CONTAINER.endpoint, true),
    at(brokerPaths(project).client, CONTAINER.client, true),
    at(paths.passwd, "/etc/passwd", true),
    at(paths.group, "/etc/group", true),
    ...objectDirs.map((dir) => at(dir.hostPath, dir.containerPath, true)),
  ];
}

/** Directories a container already uses; a repository below one of them would be hidden or hide it. */
const RESERVED = [
  "/workspace",
  "/devkit",
  "/proc",
  "/sys",
  "/dev",
  "/etc",
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
];

/** Whether the worktree can be mounted at this container path too: it would hide or be hidden elsewhere. */
export function canHoldWorktree(containerPath: string): boolean {
  const taken = [...RESERVED, CONTAINER.home, "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/local/lib"];
  if (containerPath === CONTAINER.workspace) return true;
  return !taken.some((one) => isWithin(containerPath, one) || isWithin(one, containerPath));
}

/**
 * Refuses paths that cannot appear in a container at the place they have on the host.
 * @throws DevkitError E_PATH_UNSUPPORTED
 */
export function checkMountable(hostPath: string): void {
  if (/[\n\r\0]/.test(hostPath)) {
    throw new DevkitError(
      "E_PATH_UNSUPPORTED",
      `the path ${JSON.stringify(hostPath)} has a line break in it`,
      {
        hint: "move the repository to a path without line breaks",
      },
    );
  }
  const clash = RESERVED.find((reserved) => isWithin(hostPath, reserved));
  if (clash !== undefined) {
    throw new DevkitError(
      "E_PATH_UNSUPPORTED",
      `${hostPath} lies in ${clash}, which every agent container uses itself`,
      {
        hint: `move the repository somewhere else, for example: git clone ${hostPath} ~/src/${path.basename(hostPath)}`,
      },
    );
  }
}

/** By whole path segments: `/a/bc` is not within `/a/b`. */
export function isWithin(child: string, parent: string): boolean {
  return child === parent || child.startsWith(parent.endsWith("/") ? parent : `${parent}/`);
}

/**
 * Mount points that fall inside another mount's directory, as paths relative to that source. They must exist before
 * the engine makes them as root.
 */
export function nestedMountPoints(
  mounts: readonly MountSpec[],
  inner = mounts,
): { hostPath: string; relative: string; isFile: boolean }[] {
  const outer = mounts.filter((mount) => !mount.readOnly);
  return inner.flatMap((mount) =>
    outer
      .filter((parent) => parent !== mount && isWithin(mount.containerPath, parent.containerPath))
      .map((parent) => ({
        hostPath: parent.hostPath,
        relative: path.posix.relative(parent.containerPath, mount.containerPath),
        isFile: mount.isFile === true,
      }))
      .filter(({ relative }) => relative !== "" && relative !== ".git"),
  );
}
