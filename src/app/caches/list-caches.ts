import { CACHE_NAMES, type CacheName } from "../../domain/caches/cache-names.js";
import type { ListedCache } from "../../domain/caches/listed-cache.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { findCacheUsers } from "./find-cache-users.js";

export type CacheNeeds = Pick<ProjectDeps, "caches" | "engine" | "project" | "state">;

/** The caches there is something in: those of the user, and this project's agents' own. */
export async function listCaches(
  deps: CacheNeeds,
  { tools = CACHE_NAMES, patienceMs }: { tools?: readonly CacheName[]; patienceMs: number },
): Promise<ListedCache[]> {
  const deadline = performance.now() + patienceMs;
  const [users, agents] = await Promise.all([findCacheUsers(deps), deps.state.known(deps.project)]);
  const found: ListedCache[] = [];
  for (const tool of tools) {
    for (const place of ["shared", "base"] as const) {
      const mode = place === "shared" ? "shared" : "layered";
      const own = users.filter((one) => one.tool === tool && one.mode === mode).map(({ user }) => user);
      const size = await deps.caches.measure(place, tool, deadline);
      found.push({ tool, place, agent: undefined, size, users: own });
    }
    for (const agent of agents) {
      const size = await deps.caches.measure(agentPaths(deps.project, agent), tool, deadline);
      const own = users.filter(
        ({ user, ...one }) =>
          one.tool === tool && user.projectId === deps.project.id && user.agentName === agent.name,
      );
      found.push({ tool, place: "own", agent, size, users: own.map(({ user }) => user) });
    }
  }
  return found.filter(({ size }) => size.files > 0);
}
