import type { CacheName } from "../../domain/caches/cache-names.js";
import type { ListedCache } from "../../domain/caches/listed-cache.js";
import { judgeCache } from "../../domain/caches/judge-cache.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { findCacheUsers } from "./find-cache-users.js";
import { listCaches, type CacheNeeds } from "./list-caches.js";

export interface PruneCachesRequest {
  readonly tools: readonly CacheName[] | undefined;
  /** Undefined: whenever they were used. */
  readonly olderThanMs: number | undefined;
  readonly apply: boolean;
  /** How long they are counted at most; undefined: as long as somebody waits who asked for nothing else. */
  readonly patienceMs?: number;
  readonly now: Date;
}

export interface JudgedCache extends ListedCache {
  readonly removable: boolean;
  readonly removed: boolean;
  readonly reason: string;
}

export interface PrunedCaches {
  readonly caches: readonly JudgedCache[];
  /** Entries among the shared caches that are none; nobody knows what they are for. */
  readonly strays: { readonly count: number; readonly removed: boolean };
  /** Bases that no container can have mounted any more, or why they stay. */
  readonly oldBases: { readonly count: number; readonly removable: boolean; readonly removed: boolean };
}

const PATIENCE_MS = 60_000;

/** Says which caches may go, each tool's as a whole, and with `apply` empties those. */
export async function pruneCaches(
  deps: CacheNeeds & Pick<ProjectDeps, "locks">,
  request: PruneCachesRequest,
): Promise<PrunedCaches> {
  if (!request.apply) return prune(deps, request);
  // An agent's own must not be mounted meanwhile.
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", () => prune(deps, request));
}

async function prune(deps: CacheNeeds, request: PruneCachesRequest): Promise<PrunedCaches> {
  const { tools, apply, patienceMs = PATIENCE_MS } = request;
  const found = await listCaches(deps, { ...(tools && { tools }), patienceMs });
  const caches: JudgedCache[] = [];
  for (const cache of found) {
    const isMounted = cache.place === "own" && cache.users.some(({ running }) => running);
    const judged = judgeCache({ ...cache.size, isMounted }, request);
    const removed = apply && judged.removable;
    if (removed) await deps.caches.empty(placeOf(deps, cache), cache.tool);
    caches.push({ ...cache, ...judged, removed });
  }
  const strays = (await deps.caches.listStrays()).length;
  if (apply && strays > 0) await deps.caches.removeStrays();
  return {
    caches,
    strays: { count: strays, removed: apply && strays > 0 },
    oldBases: await pruneBases(deps, apply),
  };
}

async function pruneBases(deps: CacheNeeds, apply: boolean): Promise<PrunedCaches["oldBases"]> {
  const old = await deps.caches.listOldBases();
  const removable = old.length > 0 && !(await isBaseMounted(deps));
  const removed = apply && removable;
  if (removed) await deps.caches.removeOldBases();
  return { count: old.length, removable, removed };
}

/** Which base a running container has depends on when it was started, so any of them keeps all. */
async function isBaseMounted(deps: CacheNeeds): Promise<boolean> {
  return (await findCacheUsers(deps)).some(({ mode, user }) => mode === "layered" && user.running);
}

function placeOf({ project }: CacheNeeds, { place, agent }: ListedCache) {
  if (place !== "own") return place;
  if (agent === undefined) throw new Error("an agent's own cache without an agent");
  return agentPaths(project, agent);
}
