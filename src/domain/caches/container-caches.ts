import type { SpecInput } from "../agents/container-spec.js";
import { agentPaths } from "../identity/project.js";
import { agentCaches, cacheMounts, userCaches } from "./cache-places.js";
import { planCaches } from "./plan-caches.js";

/** What a container has of the caches. @throws DevkitError E_PATH_UNSUPPORTED */
export function containerCaches({ project, agent, settings, cachesDir }: SpecInput) {
  if (cachesDir === undefined) return { env: {}, mounts: [], caches: { uses: [], layers: [] } };
  const plan = planCaches(settings.caches);
  const places = cacheMounts({
    plan,
    user: userCaches(cachesDir),
    agent: agentCaches(agentPaths(project, agent)),
  });
  return { env: plan.env, ...places };
}
