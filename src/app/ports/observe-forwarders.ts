import { describeDrift, type HostUser } from "../../domain/agents/container-spec.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { LABELS } from "../../domain/identity/names.js";
import {
  describePublished,
  describeRecorded,
  insideSpec,
  outsideSpec,
  recordedImage,
  type AgentStart,
  type ForwarderInput,
} from "../../domain/ports/forwarder-spec.js";
import type { PublishedPort } from "../../domain/ports/published.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";

/** What there is of what forwards one agent's ports: its two halves. */
export interface Forwarder {
  readonly outside: LabelledContainer | undefined;
  readonly inside: LabelledContainer | undefined;
}

/** By agent name. */
export async function observeForwarders({
  engine,
  project,
}: Pick<ProjectDeps, "engine" | "project">): Promise<ReadonlyMap<string, Forwarder>> {
  const [outside, inside] = await Promise.all([
    engine.listContainers("ports", project.id),
    engine.listContainers("ports-inside", project.id),
  ]);
  const names = new Set([...outside, ...inside].map(({ agentName }) => agentName));
  const of = (all: readonly LabelledContainer[], name: string) => all.find((one) => one.agentName === name);
  return new Map([...names].map((name) => [name, { outside: of(outside, name), inside: of(inside, name) }]));
}

export interface WantedForwarder {
  readonly project: ProjectDeps["project"];
  readonly agent: AgentRef;
  readonly user: HostUser;
  readonly published: readonly PublishedPort[];
  /** Undefined: the agent does not run. */
  readonly start: AgentStart | undefined;
  /** Of the egress image; undefined: whatever they were made of. */
  readonly imageId: string | undefined;
}

/** Why the two halves do not lead from where they should to where they should; undefined when they do. */
export function findFault(wanted: WantedForwarder, found: Forwarder | undefined): string | undefined {
  const { outside, inside } = found ?? {};
  if (outside === undefined || inside === undefined) return "nothing forwards its ports";
  const broken = [outside, inside].find(({ state }) => state !== "running");
  if (broken !== undefined) return `what forwards its ports is ${broken.state}`;
  const { start, published } = wanted;
  if (start === undefined) return "its container does not run";
  const [was, is] = [describeRecorded(outside.config), describePublished(published)];
  if (was !== is) return `publishes ${is} instead of ${was}`;
  const input = (container: LabelledContainer): ForwarderInput => ({
    ...wanted,
    imageId: wanted.imageId ?? recordedImage(container.config),
    // No part of what is compared.
    version: "",
  });
  const spec = outsideSpec(input(outside));
  if (outside.configHash !== spec.labels[LABELS.configHash])
    return `what forwards its ports: ${describeDrift(outside.config, spec)}`;
  const isInPlace = inside.configHash === insideSpec(input(inside), start).labels[LABELS.configHash];
  return isInPlace ? undefined : "its container was started by somebody else";
}
