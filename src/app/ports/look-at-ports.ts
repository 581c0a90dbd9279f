import type { ObservedAgent, ObservedContainer } from "../../domain/agents/observed.js";
import type { AgentStart } from "../../domain/ports/forwarder-spec.js";
import type { AgentPorts, PublishedPort } from "../../domain/ports/published.js";
import type { HostPorts } from "../ports-ports.js";
import type { Host, ProjectDeps } from "../ports.js";
import { findFault, type Forwarder } from "./observe-forwarders.js";

type Needs = Pick<ProjectDeps, "engine" | "project" | "ports">;

export interface PortLook {
  readonly host: Pick<Host, "user">;
  /** Of the egress image; undefined: whichever it was when they were made. */
  readonly imageId: string | undefined;
  /** What is to be. */
  readonly published: readonly PublishedPort[];
  /** What there is. */
  readonly forwarder: Forwarder | undefined;
}

export interface PortFindings {
  readonly todo: AgentPorts;
  /** By port of this machine; none as long as they lead nowhere. */
  readonly states: HostPorts;
}

/** Finds out whether an agent's published ports lead to it, and what there is to do about that. */
export async function lookAtPorts(
  deps: Needs,
  { agent, container }: Pick<ObservedAgent, "agent" | "container">,
  { host: { user }, imageId, published, forwarder }: PortLook,
): Promise<PortFindings> {
  const present = forwarder !== undefined;
  const states: HostPorts = new Map();
  if (published.length === 0) return { todo: { wanted: false, cause: undefined, present }, states };
  const start = await findAgentStart(deps, container);
  const wanted = { project: deps.project, agent, user, published, start, imageId };
  const fault = findFault(wanted, forwarder);
  if (fault !== undefined) return { todo: { wanted: true, cause: fault, present }, states };
  const found = (await deps.ports.readForwarder(agent)) ?? states;
  const taken = findTaken(found, published);
  const cause = taken && `another program has port ${String(taken.host)}`;
  return { todo: { wanted: true, cause, present }, states: found };
}

/** The start that an agent's container runs since; undefined while it does not. */
export async function findAgentStart(
  { engine }: Pick<ProjectDeps, "engine">,
  container: Pick<ObservedContainer, "id"> | undefined,
): Promise<AgentStart | undefined> {
  const startedAt = container && (await engine.findStart(container.id));
  return container === undefined || startedAt === undefined
    ? undefined
    : { containerId: container.id, startedAt };
}

/** The first published port that is not open. */
export function findTaken(states: HostPorts, published: readonly PublishedPort[]): PublishedPort | undefined {
  return published.find(({ host }) => states.get(host) !== "open");
}
