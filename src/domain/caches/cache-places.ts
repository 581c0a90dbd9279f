import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import type { MountSpec } from "../custody/mounts.js";
import { CONTAINER } from "../identity/names.js";
import type { AgentPaths } from "../identity/project.js";
import { modesOf, type CachePlan, type CacheUse } from "./plan-caches.js";

/** A directory that a container sees and changes, while the changes go to another one. */
export interface LayerSpec {
  readonly containerPath: string;
  /** Host path of what is below; never written. A link is followed at each start. */
  readonly lower: string;
  /** Host path of what the container changes. */
  readonly upper: string;
  /** Host path, empty, on the same file system; the kernel's own. */
  readonly work: string;
}

/** What a container has of the caches. */
export interface ContainerCaches {
  readonly uses: readonly CacheUse[];
  readonly layers: readonly LayerSpec[];
}

/** Host directories of one user's caches, below `$XDG_CACHE_HOME`. */
export interface UserCaches {
  readonly root: string;
  /** Written by every agent that shares. */
  readonly shared: string;
  /** Numbered directories, each complete; never changed once it is there. */
  readonly base: string;
  /** A link to the newest of them. */
  readonly current: string;
}

export function userCaches(root: string): UserCaches {
  const base = path.join(root, "base");
  return { root, shared: path.join(root, "shared"), base, current: path.join(base, "current") };
}

/** Host directories of one agent's own. */
export interface AgentCaches {
  readonly root: string;
  readonly upper: string;
  readonly work: string;
  /** Says what was made, so that a later run sees what has changed. */
  readonly made: string;
}

export function agentCaches({ state }: Pick<AgentPaths, "state">): AgentCaches {
  const root = path.join(state, "caches");
  const below = (name: string) => path.join(root, name);
  return { root, upper: below("upper"), work: below("work"), made: below("made.json") };
}

export interface CacheSpecInput {
  readonly plan: CachePlan;
  readonly user: UserCaches;
  readonly agent: AgentCaches;
}

/** The mounts of a container's caches, at most two. @throws DevkitError E_PATH_UNSUPPORTED */
export function cacheMounts({ plan, user, agent }: CacheSpecInput): {
  readonly mounts: readonly MountSpec[];
  readonly caches: ContainerCaches;
} {
  const modes = modesOf(plan);
  const shared = { hostPath: user.shared, containerPath: `${CONTAINER.caches}/shared`, readOnly: false };
  const layer = {
    containerPath: `${CONTAINER.caches}/layered`,
    lower: user.current,
    upper: agent.upper,
    work: agent.work,
  };
  if (modes.has("layered")) [user.root, agent.root].forEach(checkLayerPath);
  return {
    mounts: modes.has("shared") ? [shared] : [],
    caches: { uses: plan.uses, layers: modes.has("layered") ? [layer] : [] },
  };
}

/** Options of an overlay are one text, in which these characters end a path. */
function checkLayerPath(hostPath: string): void {
  const bad = /[,:\\"\n]/.exec(hostPath)?.[0];
  if (bad === undefined) return;
  throw new DevkitError(
    "E_PATH_UNSUPPORTED",
    `${hostPath} has ${JSON.stringify(bad)} in it, which a layered cache cannot have`,
    {
      hint: "keep it elsewhere (XDG_CACHE_HOME, XDG_STATE_HOME), or use only shared caches in [caches] use",
    },
  );
}
