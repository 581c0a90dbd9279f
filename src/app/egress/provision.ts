import { once } from "../../base/once.js";
import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import type { AgentNetwork } from "../../domain/agents/reconcile.js";
import { placeNetworks } from "../../domain/egress/place-networks.js";
import { parsePool, type Slot } from "../../domain/egress/subnets.js";
import type { NetworkHandlers } from "../agents/operations.js";
import { ensureEgressImage, resolveEgressImage } from "../images/egress-image.js";
import { foreignRoutes } from "./foreign-routes.js";
import type { ProjectDeps } from "../ports.js";
import type { LabelledContainer } from "../ports-engine.js";
import { askPresets } from "./ask-presets.js";
import { agentsOnNetworks, observeEgress } from "./observe-egress.js";
import { isAttached, ownersOf, stateOf, type ProvisionRequest, type Run } from "./provision-run.js";
import { attach, finish, handlersOf, prepare } from "./provision-steps.js";
import { isSealed } from "./seals.js";

/** The networks and egress containers of one run of `agent up`. */
export interface Provision {
  readonly slotOf: (agent: AgentRef) => Slot | undefined;
  networkOf(agent: AgentRef): AgentNetwork;
  /** Why an egress container has to be made or started; undefined when none has. */
  readonly cause: string | undefined;
  readonly handlers: NetworkHandlers;
  /** The image's id, or its name as long as it is not built. */
  readonly imageReference: string;
  /** The image, built if need be: for whoever has something else to build meanwhile. */
  image(): Promise<string>;
  /** Those it is for: asked for, or on a network already. */
  readonly agents: readonly AgentRef[];
  /** Puts the egress of an agent on its network. */
  attach(agent: AgentRef): Promise<void>;
  /** Writes down what was decided; before anything mounts it. */
  prepare(): Promise<void>;
  /** Everything runs, with the policy as it is. */
  finish(): Promise<void>;
}

/** Finds out what there is of networks and egress, and what is to be. Changes nothing. */
export async function provisionEgress(deps: ProjectDeps, request: ProvisionRequest): Promise<Provision> {
  const { settings, host } = request;
  const needs = { engine: deps.engine, host, progress: deps.progress, signal: request.signal };
  const before = await deps.egress.loadMemory();
  const [observed, agentContainers, subnets, routes, entries, image] = await Promise.all([
    observeEgress(deps),
    deps.engine.listContainers("agent", deps.project.id),
    deps.engine.listSubnets(),
    deps.egress.routes(),
    askPresets(deps, { ...request, known: before.entries }),
    resolveEgressImage(needs, settings.egress, { pull: !request.dryRun }),
  ]);
  const profiles = new Map(before.profiles);
  for (const { name } of request.agents) profiles.set(name, settings.project.profiles);
  const wanted = new Map(request.agents.map((agent) => [agent.name, agent]));
  for (const agent of agentsOnNetworks(observed)) wanted.set(agent.name, agent);
  const parsed = parsePool(settings.egress.pool);
  if (!parsed.ok) throw new Error(`the settings have the pool ${settings.egress.pool}`);
  const current = new Map([...wanted.keys()].map((name) => [name, observed.networks.get(name)?.subnet]));
  const foreign = foreignRoutes(routes, observed.networks.values());
  const placement = placeNetworks({ pool: parsed.pool, taken: subnets, routes: foreign, current });
  const run: Run = {
    deps,
    request,
    observed,
    placement,
    image,
    memory: { entries, private: settings.egress.private, profiles },
    agents: [...wanted.values()],
    networks: new Map([...observed.networks].map(([name, { id }]) => [name, id])),
    sealed: await findSealed(deps, agentContainers, placement.slots),
    imageId: once(() => ensureEgressImage(needs, settings.egress, image)),
    made: new Set(),
    ensured: new Map(),
  };
  return {
    slotOf: ({ name }) => placement.slots.get(name),
    networkOf: (agent) => networkOf(run, agent),
    cause: findCause(run),
    handlers: handlersOf(run),
    agents: run.agents,
    attach: (agent) => attach(run, agent),
    imageReference: image.id ?? image.reference,
    image: run.imageId,
    prepare: () => prepare(run),
    finish: () => finish(run),
  };
}

function findCause(run: Run): string | undefined {
  return ownersOf(run)
    .map((owner) => stateOf(run, owner).cause)
    .find((cause) => cause !== undefined);
}

function networkOf(run: Run, agent: AgentRef): AgentNetwork {
  const id = run.observed.networks.get(agent.name)?.id;
  const attached = isAttached(run, agent);
  const misplaced = run.placement.misplaced.get(agent.name);
  return { id, misplaced, attached, sealed: run.sealed.has(agent.name) };
}

async function findSealed(
  deps: ProjectDeps,
  containers: readonly LabelledContainer[],
  slots: ReadonlyMap<string, Slot>,
): Promise<ReadonlySet<string>> {
  const sealed = await Promise.all(
    containers.map(async (container) => {
      const agent = parseAgentName(container.agentName, deps.project.roster);
      const isHeld = agent !== undefined && (await isSealed(deps, agent, container, slots.get(agent.name)));
      return isHeld ? [agent.name] : [];
    }),
  );
  return new Set(sealed.flat());
}
