import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { PortBlock } from "../../domain/ports/block.js";
import { publishedPorts, type AgentPorts, type PublishedPort } from "../../domain/ports/published.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { isDevkitError } from "../../base/errors.js";
import { observePresent } from "../agents/observe.js";
import { selectContained } from "../host-runtime/refuse-on-host.js";
import type { Host, ProjectDeps } from "../ports.js";
import { loadBlocks, type BlockOf } from "./assign-blocks.js";
import { observeForwarders } from "./observe-forwarders.js";
import { lookAtPorts } from "./look-at-ports.js";

/** A published port, and whether it leads to the agent: `taken` by another program, or `closed` as the agent is. */
export interface ListedPort extends PublishedPort {
  readonly state: "open" | "taken" | "closed";
}

export interface ListedPorts {
  readonly agent: AgentRef;
  /** Undefined: it has none yet. */
  readonly block: PortBlock | undefined;
  readonly published: readonly ListedPort[];
  /** What `agent up` would do about them. */
  readonly todo: AgentPorts;
}

export interface PortsLookRequest {
  readonly settingsOf: SettingsOf;
  readonly host: Pick<Host, "user">;
}

/** Some agents' ports, or all. */
export async function listPorts(
  deps: ProjectDeps,
  request: PortsLookRequest,
  selectors: readonly string[],
): Promise<ListedPorts[]> {
  const selected = selectContained(deps.project, selectors, await observePresent(deps));
  const added = await addPorts(
    deps,
    request,
    selected.map((observed) => ({ observed })),
  );
  return added.map(({ ports }) => ports);
}

/** What is known of agents, with their ports. Changes nothing. */
export async function addPorts<T extends { readonly observed: ObservedAgent }>(
  deps: Pick<ProjectDeps, "project" | "engine" | "ports" | "progress">,
  { settingsOf, host }: PortsLookRequest,
  all: readonly T[],
): Promise<(T & { readonly ports: ListedPorts })[]> {
  const [blockOf, forwarders] = await Promise.all([
    loadKnownBlocks(deps, (text) => {
      deps.progress.warn(text);
    }),
    observeForwarders(deps),
  ]);
  return Promise.all(
    all.map(async (one) => {
      const { agent } = one.observed;
      const block = blockOf(agent);
      const published = publishedPorts(settingsOf(agent).ports.publish, block);
      const look = { host, imageId: undefined, published, forwarder: forwarders.get(agent.name) };
      const { todo, states } = await lookAtPorts(deps, one.observed, look);
      const listed = published.map((port): ListedPort => ({
        ...port,
        state: states.get(port.host) ?? "closed",
      }));
      return { ...one, ports: { agent, block, todo, published: listed } };
    }),
  );
}

/** Blocks for whoever only looks: a registry that cannot be read keeps no other news from being told. */
export async function loadKnownBlocks(
  deps: Pick<ProjectDeps, "project" | "ports">,
  warn: (text: string) => void,
): Promise<BlockOf> {
  return loadBlocks(deps).catch((error: unknown) => {
    if (!isDevkitError(error) || error.code !== "E_PORT_REGISTRY") throw error;
    warn(error.message);
    return () => undefined;
  });
}
