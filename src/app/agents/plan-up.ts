import { agentAt, type AgentRef } from "../../domain/agents/agent.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { Plan } from "../../domain/agents/plan.js";
import { reconcileUp } from "../../domain/agents/reconcile.js";
import { cacheSteps, type CacheSteps } from "../caches/make-caches.js";
import { provisionEgress, type Provision } from "../egress/provision.js";
import { isOnHost } from "../host-runtime/is-on-host.js";
import { loadHooks } from "../hooks/load-hooks.js";
import { requireImagesOffline } from "../images/offline.js";
import { ensureImages, resolveImages, type AgentImages } from "../images/agent-images.js";
import { requireBudget } from "../limits/check-budget.js";
import type { AgentExtras } from "../mounts/create-extras.js";
import type { ProjectDeps } from "../ports.js";
import { provisionPorts, type PortProvision } from "../ports/provision-ports.js";
import { observe } from "./observe.js";
import { refuseTooMany } from "./refuse-too-many.js";
import { specFor } from "./spec.js";
import type { UpRequest } from "./up.js";

/** What is to be done to bring agents up, and what it is done with. */
export interface UpPlan {
  readonly agents: readonly AgentRef[];
  /** All agents there are, and those asked for. */
  readonly observed: readonly ObservedAgent[];
  readonly wanted: readonly ObservedAgent[];
  readonly plan: Plan;
  /** The commit that branches of new agents start at. */
  readonly start: string;
  /** Why an image has to be built first; only in a dry run. */
  readonly imageCause: string | undefined;
  /** Asked when the container is made: its network may have found another place by then. */
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  readonly egress: Provision;
  readonly ports: PortProvision;
  readonly caches: CacheSteps;
  readonly extras: AgentExtras | undefined;
}

/** Observes and reconciles; unless it is a dry run, images are built and ports taken on the way. */
export async function planUp(deps: ProjectDeps, request: UpRequest): Promise<UpPlan> {
  const { host, settings, settingsOf } = request;
  deps.project.places.layout = settings.worktrees.layout;
  const indexes = request.only ?? Array.from({ length: request.count }, (_, position) => position + 1);
  const agents = await withContainers(
    deps,
    indexes.map((index) => agentAt(index, deps.project.roster)),
  );
  const needs = { engine: deps.engine, host, progress: deps.progress, signal: request.signal };
  // First: it says from what no image is to be built.
  const extras = await request.extras?.(agents);
  if (!request.dryRun) await requireImagesOffline(needs, { settings, settingsOf, agents });
  const [start, observed, objectDirs, resolved, egress, caches] = await Promise.all([
    deps.history.requireCommit(settings.project.base),
    observe(
      deps,
      agents.map(({ index }) => index),
    ),
    deps.history.objectDirs(),
    resolveImages(needs, settingsOf, agents, { pull: !request.dryRun }),
    provisionEgress(deps, { ...request, agents }),
    cacheSteps(deps, settingsOf, agents),
  ]);
  const wanted = observed.filter(({ agent }) => agents.some(({ name }) => name === agent.name));
  if (!request.force) await refuseTooMany(deps, wanted, start);
  if (!request.force) requireBudget({ agents, observed, settings, settingsOf });
  const build = async (): Promise<AgentImages> => {
    const [images] = await Promise.all([ensureImages(needs, settingsOf, agents, resolved), egress.image()]);
    return images;
  };
  const images = request.dryRun ? resolved : await build();
  const image = () => (request.dryRun ? Promise.resolve(egress.imageReference) : egress.image());
  const ports = await provisionPorts(deps, { ...request, agents, image });
  const places = { slotOf: egress.slotOf, extrasOf: extras?.of, blockOf: ports.blockOf };
  const context = { deps, host, settingsOf, imageOf: images.of, objectDirs, ...places };
  const describe = async (one: ObservedAgent) => ({
    observed: one,
    spec: specFor(context, one.agent),
    network: egress.networkOf(one.agent),
    ports: await ports.portsOf(one),
    cachesCause: caches.causeOf(one.agent),
    hooks: await loadHooks(deps, settingsOf, one.agent, one.container),
  });
  return {
    ...{ agents, observed, wanted, start, egress, ports, caches, extras },
    plan: reconcileUp(await Promise.all(wanted.map(describe))),
    imageCause: images.all.find(({ id }) => id === undefined)?.cause,
    spec: (agent) => Promise.resolve(specFor(context, agent)),
  };
}

/** Those that have no container, and want none, are left out. */
async function withContainers(deps: ProjectDeps, agents: readonly AgentRef[]): Promise<AgentRef[]> {
  const found = await Promise.all(agents.map((agent) => isOnHost(deps, agent)));
  const onHost = agents.filter((_, position) => found[position] === true);
  if (onHost.length > 0)
    deps.progress.warn(
      `left alone, because without a container (agent spawn --runtime host): ${onHost.map(({ name }) => name).join(", ")}`,
    );
  return agents.filter((agent) => !onHost.includes(agent));
}
