import type { ContainerState } from "../../domain/agents/observed.js";
import type { ProjectDeps } from "../ports.js";
import { findBroker } from "./start-endpoint.js";

/** What keeps agents from the task pool, in words, and the command that mends it; undefined when nothing does. */
export async function findEndpointTrouble(
  deps: Pick<ProjectDeps, "project" | "engine" | "endpoint">,
): Promise<{ readonly found: string; readonly fix: string } | undefined> {
  const [state, known, served] = await Promise.all([
    endpointState(deps),
    deps.endpoint.known(),
    deps.endpoint.findServed(),
  ]);
  if (known.length === 0) return undefined;
  const fix = "devkit up";
  if (state !== "running") return { found: `the endpoint is ${state ?? "not there"}`, fix };
  const missing = known.filter((name) => served?.has(name) !== true);
  return missing.length === 0
    ? undefined
    : { found: `the endpoint does not serve ${missing.join(", ")}`, fix };
}

/** Of the container behind agents' sockets; undefined: there is none. */
export async function endpointState(
  deps: Pick<ProjectDeps, "project" | "engine">,
): Promise<ContainerState | undefined> {
  return (await findBroker(deps))?.state;
}
