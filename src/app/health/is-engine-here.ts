import type { Host } from "../ports.js";

/** Whether the engine is this machine's: one elsewhere, or one that others reach from elsewhere, has paths and memory of its own. */
export function isEngineHere({ env }: Pick<Host, "env">): boolean {
  return (env["DOCKER_HOST"] ?? "unix://").startsWith("unix://");
}
