import { formatSize } from "../../base/sizes.js";
import type { ListedCache } from "../../domain/caches/listed-cache.js";
import { formatTable } from "./table.js";

/** One cache as JSON. */
export function cacheData({ tool, place, agent, size, users }: ListedCache) {
  return {
    tool,
    place,
    agent: agent?.name ?? null,
    bytes: size.bytes,
    files: size.files,
    complete: size.isComplete,
    lastUsed: size.lastUsedMs === undefined ? null : new Date(size.lastUsedMs).toISOString(),
    users: users.map(({ projectId, agentName, running }) => ({
      project: projectId,
      agent: agentName,
      running,
    })),
  };
}

export function cacheTable(caches: readonly ListedCache[]): string {
  if (caches.length === 0) return "The caches are empty.";
  const rows = caches.map((cache) => {
    const { lastUsed, users } = cacheData(cache);
    const who = users.map(({ project, agent }) => `${project}/${agent}`).join(", ");
    return [cache.tool, placeText(cache), sizeText(cache), lastUsed?.slice(0, 10) ?? "", who || "nobody now"];
  });
  return formatTable(["TOOL", "WHERE", "SIZE", "LAST USED", "MOUNTED BY"], rows);
}

export function placeText({ place, agent }: Pick<ListedCache, "place" | "agent">): string {
  return agent === undefined ? place : `own of ${agent.name}`;
}

export function sizeText({ size }: Pick<ListedCache, "size">): string {
  return `${size.isComplete ? "" : "more than "}${formatSize(size.bytes)}`;
}
