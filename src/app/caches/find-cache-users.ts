import { parseContainerConfig } from "../../domain/agents/container-spec.js";
import { isLive } from "../../domain/agents/observed.js";
import type { UserCaches } from "../../domain/caches/cache-places.js";
import type { CacheUser } from "../../domain/caches/listed-cache.js";
import { parseUses, type CacheUse } from "../../domain/caches/plan-caches.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { ProjectDeps } from "../ports.js";

/** What a container has of this user's caches. */
export interface ContainerUse extends CacheUse {
  readonly user: CacheUser;
}

/** The containers of all projects that have caches of this user: other users, and other places, are none of ours. */
export async function findCacheUsers({
  engine,
  caches,
}: Pick<ProjectDeps, "engine" | "caches">): Promise<ContainerUse[]> {
  const containers = await engine.listContainers("agent", undefined);
  return containers.flatMap((container) => {
    const { projectId, agentName } = container;
    const config = parseContainerConfig(container.config);
    const user: CacheUser = { projectId, agentName, running: isLive(container) };
    return parseUses(config["caches"] ?? "")
      .filter(({ mode }) => hasMounted(config[`mount ${CONTAINER.caches}/${mode}`], caches.user))
      .map((use) => ({ ...use, user }));
  });
}

function hasMounted(recorded: string | undefined, { shared, current }: UserCaches): boolean {
  return recorded === shared || recorded?.startsWith(`${current} below `) === true;
}
