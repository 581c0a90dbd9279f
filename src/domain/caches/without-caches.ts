import type { ContainerSpec } from "../agents/container-spec.js";
import { isWithin } from "../custody/mounts.js";
import { CONTAINER } from "../identity/names.js";

/** For a container that only runs git: caches may be gone, and a layer can be mounted once. */
export function withoutCaches({ caches: _, ...spec }: ContainerSpec): ContainerSpec {
  const mounts = spec.mounts.filter(({ containerPath }) => !isWithin(containerPath, CONTAINER.caches));
  return { ...spec, mounts };
}
