import type { ContainerSpec } from "../agents/container-spec.js";
import { CONTAINER } from "../identity/names.js";

/**
 * The container without a way to the task pool: what devkit itself runs for an agent needs none, and agents that were made
 * before there was one have no directory for it.
 */
export function withoutEndpoint(spec: ContainerSpec): ContainerSpec {
  const places: readonly string[] = [CONTAINER.endpoint, CONTAINER.client];
  return { ...spec, mounts: spec.mounts.filter(({ containerPath }) => !places.includes(containerPath)) };
}
