import { byIndex, parseAgentName, type AgentRef, type Roster } from "../../domain/agents/agent.js";
import type { AgentNetwork } from "../../domain/agents/reconcile.js";
import { parseCidr } from "../../domain/egress/cidr.js";
import { slotOf, type Slot } from "../../domain/egress/subnets.js";
import type { LabelledContainer, LabelledNetwork } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";

/** What the engine has of a project's egress. Keys are agents' names; "" is what belongs to all. */
export interface ObservedEgress {
  /** Agents' own networks. */
  readonly networks: ReadonlyMap<string, LabelledNetwork>;
  /** The ways out of egress containers. */
  readonly outward: ReadonlyMap<string, LabelledNetwork>;
  readonly containers: ReadonlyMap<string, LabelledContainer>;
  /** Networks of a name that another one has too, made by a run that was killed. */
  readonly copies: readonly LabelledNetwork[];
  /** Those of the agents that were given a name. */
  readonly roster: Roster;
}

export async function observeEgress({
  engine,
  project,
}: Pick<ProjectDeps, "engine" | "project">): Promise<ObservedEgress> {
  const [all, containers] = await Promise.all([
    engine.listNetworks(project.id),
    engine.listContainers("egress", project.id),
  ]);
  const networks = new Map<string, LabelledNetwork>();
  const outward = new Map<string, LabelledNetwork>();
  const copies: LabelledNetwork[] = [];
  for (const network of all) {
    const kind = network.internal ? networks : outward;
    const key = network.agentName ?? "";
    if (kind.has(key)) copies.push(network);
    else kind.set(key, network);
  }
  const byAgent = new Map(containers.map((one) => [one.agentName, one]));
  return { networks, outward, copies, containers: byAgent, roster: project.roster };
}

/** What there is of an agent's network, for whoever only looks. */
export function findNetwork(
  { networks, containers }: ObservedEgress,
  agent: AgentRef,
): Omit<AgentNetwork, "sealed"> {
  const network = networks.get(agent.name);
  const isOn = (container: LabelledContainer) =>
    network !== undefined && container.networks.get(network.name)?.networkId === network.id;
  return { id: network?.id, misplaced: undefined, attached: [...containers.values()].some(isOn) };
}

/** Its place on its network; undefined when it has none. */
export function findSlot({ networks }: ObservedEgress, agent: AgentRef): Slot | undefined {
  const subnet = networks.get(agent.name)?.subnet ?? "";
  const own = parseCidr(subnet);
  return own === undefined ? undefined : slotOf(own, subnet);
}

/** The egress container that serves an agent: its own, or the one of all. */
export function findEgress({ containers }: ObservedEgress, agent: AgentRef): LabelledContainer | undefined {
  return containers.get(agent.name) ?? containers.get("");
}

/** The key of an egress in `ObservedEgress`. */
export function keyOf(owner: AgentRef | undefined): string {
  return owner?.name ?? "";
}

/** The agents that have a network, in numeric order. */
export function agentsOnNetworks({ networks, roster }: ObservedEgress): AgentRef[] {
  const named = [...networks.keys()].map((name) => parseAgentName(name, roster));
  return named.filter((agent) => agent !== undefined).sort(byIndex);
}
