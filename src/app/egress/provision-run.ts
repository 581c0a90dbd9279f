import type { AgentRef } from "../../domain/agents/agent.js";
import { describeDrift, type ContainerSpec } from "../../domain/agents/container-spec.js";
import { egressSpec } from "../../domain/egress/egress-spec.js";
import type { AllowedText } from "../../domain/egress/entries.js";
import type { RememberedPolicy } from "../../domain/egress/memory-file.js";
import type { Placement } from "../../domain/egress/place-networks.js";
import { LABELS, networkName } from "../../domain/identity/names.js";
import type { Settings } from "../../domain/settings/settings.js";
import type { EgressImage } from "../images/egress-image.js";
import type { Host, ProjectDeps } from "../ports.js";
import type { LabelledContainer } from "../ports-engine.js";
import { keyOf, type ObservedEgress } from "./observe-egress.js";
import { isHardened } from "./write-policies.js";

export interface ProvisionRequest {
  readonly settings: Settings;
  /** The entries of `[egress] allow`, and where they are written. */
  readonly allowed: readonly AllowedText[];
  readonly host: Host;
  /** Who is to be served, whether there is anything of them or not. */
  readonly agents: readonly AgentRef[];
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** What one run knows of networks and egress, and what it has made of them. */
export interface Run {
  readonly deps: ProjectDeps;
  readonly request: ProvisionRequest;
  readonly observed: ObservedEgress;
  readonly placement: Placement;
  readonly image: EgressImage;
  readonly memory: RememberedPolicy;
  readonly agents: readonly AgentRef[];
  readonly imageId: () => Promise<string>;
  /** Names of agents whose running container is sealed. */
  readonly sealed: ReadonlySet<string>;
  /** Agent name → id of its network. */
  readonly networks: Map<string, string>;
  /** Agents whose network this run has made. */
  readonly made: Set<string>;
  /** Owner's name → the id of its egress container, once it runs. */
  readonly ensured: Map<string, Promise<string>>;
}

/** Whose own egress serves an agent; undefined: the shared one. */
export function ownerOf({ memory }: Run, agent: AgentRef): AgentRef | undefined {
  return isHardened({ memory }, agent) ? agent : undefined;
}

/** Everyone that needs an egress container: hardened agents, and nobody for the others together. */
export function ownersOf(run: Run): (AgentRef | undefined)[] {
  const owners = run.agents.map((agent) => ownerOf(run, agent));
  return [...new Map(owners.map((owner) => [keyOf(owner), owner])).values()];
}

/** What has to be done about an egress container. `replace`: what there is of it has to go first. */
export function stateOf(
  run: Run,
  owner: AgentRef | undefined,
  imageId = run.image.id,
): { cause: string | undefined; replace: boolean; spec: ContainerSpec } {
  const { project } = run.deps;
  const { user, version } = run.request.host;
  const spec = egressSpec({ project, owner, imageId: imageId ?? run.image.reference, user, version });
  const container = run.observed.containers.get(keyOf(owner));
  if (container === undefined) return { cause: "there is none", replace: false, spec };
  if (container.configHash !== spec.labels[LABELS.configHash])
    return { cause: describeDrift(container.config, spec), replace: true, spec };
  const outward = run.observed.outward.get(keyOf(owner));
  const isOut = outward !== undefined && container.networks.get(outward.name)?.networkId === outward.id;
  if (!isOut) return { cause: "its way out is gone", replace: true, spec };
  if (container.state === "dead" || container.state === "removing")
    return { cause: `it is ${container.state}`, replace: true, spec };
  // The engine takes one that does not run off no network that goes, and never starts it again.
  if (container.state !== "running" && isOnGone(run, container))
    return { cause: "a network that it was on is gone", replace: true, spec };
  return {
    cause: container.state === "running" ? undefined : `it is ${container.state}`,
    replace: false,
    spec,
  };
}

function isOnGone({ observed }: Run, { networks }: LabelledContainer): boolean {
  const all = [...observed.networks.values(), ...observed.outward.values(), ...observed.copies];
  const there = new Set(all.map(({ id }) => id));
  return [...networks.values()].some(({ networkId }) => !there.has(networkId));
}

/** Whether the egress that is to serve an agent is on its network, as it was found. */
export function isAttached(run: Run, agent: AgentRef): boolean {
  const owner = ownerOf(run, agent);
  const id = run.observed.networks.get(agent.name)?.id;
  const container = run.observed.containers.get(keyOf(owner));
  const attachment = container?.networks.get(networkName(run.deps.project, agent));
  return id !== undefined && attachment?.networkId === id && !stateOf(run, owner).replace;
}
