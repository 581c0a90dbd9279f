import { isDevkitError } from "../../base/errors.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { Engine } from "../ports-engine.js";

/**
 * Starts a container; one whose layers the engine has lost is made anew, once, because it cannot get others. Answers the
 * id of the one that runs.
 */
export async function startWithCaches(
  engine: Engine,
  id: string,
  spec: () => Promise<ContainerSpec>,
): Promise<string> {
  try {
    await engine.startContainer(id);
    return id;
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_CACHES") throw error;
    await engine.removeContainer(id);
    const next = await engine.createContainer(await spec());
    await engine.startContainer(next);
    return next;
  }
}
