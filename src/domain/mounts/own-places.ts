import path from "node:path";
import type { AgentRef } from "../agents/agent.js";
import { isWithin, type MountSpec } from "../custody/mounts.js";
import { CONTAINER } from "../identity/names.js";
import { agentPaths, type Project } from "../identity/project.js";

/** What of the host a read-only mount shows, and where. */
export interface ShownDirectory {
  readonly hostPath: string;
  readonly containerPath: string;
}

/**
 * Where read-only mounts show the agent's own worktree, which it can write there as at /workspace; and where they show
 * the primary to agent 1, which finds its worktree in that place (docs/adr/0016-dev-all.md).
 */
export function ownPlaces(project: Project, agent: AgentRef, shown: readonly ShownDirectory[]): string[] {
  const { worktree } = agentPaths(project, agent);
  const isFirst = agent.index === 1;
  const places = shown.flatMap((one) => {
    const at = (hostPath: string) =>
      hostPath !== one.hostPath && isWithin(hostPath, one.hostPath)
        ? path.posix.join(one.containerPath, path.posix.relative(one.hostPath, hostPath))
        : undefined;
    const primary = isFirst ? at(project.root) : undefined;
    // Below the primary's place there is then the agent's own worktree, and nothing of the primary.
    const own = primary !== undefined && isWithin(worktree, project.root) ? undefined : at(worktree);
    return [primary, own].filter((place) => place !== undefined);
  });
  return [...new Set(places)];
}

/** The worktree at such places, its `.git` as everywhere. */
export function ownMounts(project: Project, agent: AgentRef, places: readonly string[]): MountSpec[] {
  const { worktree, dotgit } = agentPaths(project, agent);
  return places.flatMap((place) => [
    { hostPath: worktree, containerPath: place, readOnly: false, asked: true },
    { hostPath: dotgit, containerPath: `${place}/.git`, readOnly: true, asked: true },
  ]);
}

/** What is mounted into the worktree is in it wherever the worktree is. */
export function inAllPlaces(mounts: readonly MountSpec[], places: readonly string[]): MountSpec[] {
  const inWorktree = mounts.filter(({ containerPath }) => isWithin(containerPath, CONTAINER.workspace));
  return places.flatMap((place) =>
    inWorktree.map((mount) => ({
      ...mount,
      containerPath: path.posix.join(place, path.posix.relative(CONTAINER.workspace, mount.containerPath)),
    })),
  );
}
