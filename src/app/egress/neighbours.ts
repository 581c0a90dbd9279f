import type { Neighbour } from "../../domain/egress/probes.js";
import type { ContainerRole, LabelledContainer } from "../ports-engine.js";

interface Member extends LabelledContainer {
  readonly role: ContainerRole;
}

/** Every container of devkit's on this engine, of whatever project. */
export type Everyone = readonly Member[];

/** Whom an agent must not reach, by all their addresses: everyone else, and its own egress on networks of others. */
export function findNeighbours(
  own: LabelledContainer,
  ownNetworkId: string | undefined,
  everyone: Everyone,
): Neighbour[] {
  return everyone
    .filter(({ id }) => id !== own.id)
    .flatMap((other) =>
      [...other.networks].flatMap(([, { networkId, address }]): Neighbour[] => {
        if (address === undefined || (networkId === ownNetworkId && isServing(other, own))) return [];
        return [{ who: nameOf(other, own), address }];
      }),
    );
}

/** Who is on an agent's network besides the agent and the egress that serves it. */
export function findGuests(
  own: LabelledContainer,
  ownNetworkId: string | undefined,
  everyone: Everyone,
): { readonly who: string; readonly container: string }[] {
  const isOn = ({ networks }: Member) =>
    [...networks.values()].some(({ networkId }) => networkId === ownNetworkId);
  return everyone
    .filter((other) => other.id !== own.id && isOn(other) && !isServing(other, own))
    .map((other) => ({ who: nameOf(other, own), container: other.name }));
}

function isServing(other: Member, own: LabelledContainer): boolean {
  const isEgress = other.role === "egress";
  return isEgress && other.projectId === own.projectId && ["", own.agentName].includes(other.agentName);
}

function nameOf({ role, projectId, agentName, name }: Member, own: LabelledContainer): string {
  if (projectId !== own.projectId) return name;
  if (role === "agent") return agentName;
  return agentName === "" ? "egress" : `egress of ${agentName}`;
}
