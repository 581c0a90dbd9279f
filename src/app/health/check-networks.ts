import type { AgentRef } from "../../domain/agents/agent.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { placeNetworks } from "../../domain/egress/place-networks.js";
import { parsePool } from "../../domain/egress/subnets.js";
import { findCut, findEgressTrouble } from "../egress/find-trouble.js";
import { observeEgress, type ObservedEgress } from "../egress/observe-egress.js";
import { removeNetworks } from "../egress/remove-networks.js";
import { findEndpointTrouble } from "../endpoint/find-trouble.js";
import { removeEndpoint } from "../endpoint/remove-endpoint.js";
import { findBroker } from "../endpoint/start-endpoint.js";
import type { LabelledNetwork } from "../ports-engine.js";
import {
  bringingUp,
  failure,
  judged,
  REPAIR,
  STARTING_STACK,
  warning,
  type Fault,
  type Look,
  type Looking,
} from "./check.js";
import { enterAny } from "./check-inside.js";
import { foreignRoutes } from "../egress/foreign-routes.js";
import type { Present } from "./find-present.js";
import { probeNames, probeProxy } from "./probe-egress.js";
import { whileHeld } from "./while-held.js";

/** Where agents' networks are, and whether there is room for another. */
export async function lookAtSubnets({ project, settings }: Looking): Promise<Look> {
  const [deps, { settings: found }] = await Promise.all([project(), settings()]);
  const { pool: text } = found.egress;
  const parsed = parsePool(text);
  if (!parsed.ok) return judged(text, []);
  const [observed, taken, routes] = await Promise.all([
    observeEgress(deps),
    deps.engine.listSubnets(),
    deps.egress.routes(),
  ]);
  const current = new Map([...observed.networks].map(([name, { subnet }]) => [name, subnet]));
  const foreign = foreignRoutes(routes, observed.networks.values());
  const placement = placeNetworks({ pool: parsed.pool, taken, routes: foreign, current });
  const moving = [...placement.misplaced].flatMap(([name, why]): Fault[] => {
    const agent = parseAgentName(name, deps.project.roster);
    if (agent === undefined) return [];
    return [failure(`the network of ${name}: ${why}`, upCommand([agent]), bringingUp(agent))];
  });
  const full =
    placement.next() === undefined
      ? [
          warning(
            `no part of ${text} is free for another agent's network`,
            'in devkit.toml: [egress] pool = "10.214.0.0/16"; networks that nobody needs: docker network prune',
          ),
        ]
      : [];
  return judged(`${String(current.size)} networks in ${text}`, [...moving, ...full]);
}

/** Networks, egress and endpoints of agents that there are no more. */
export async function lookAtNetworks({ project, present }: Looking): Promise<Look> {
  const deps = await project();
  const [now, observed, served, broker] = await Promise.all([
    present(),
    observeEgress(deps),
    deps.endpoint.known(),
    findBroker(deps),
  ]);
  const shared = findAbandoned(now, observed, broker?.name);
  const gone = [...new Set([...keysOf(observed), ...served])].filter(
    (name) => name !== "" && !now.names.has(name),
  );
  const containers = await deps.engine.listContainers("agent", deps.project.id);
  const used = new Set(
    containers.flatMap(({ networks }) => [...networks.values()].map(({ networkId }) => networkId)),
  );
  return judged("each has its agent", [
    ...gone.map((name) => ofNobody({ index: 0, name })),
    ...observed.copies.filter(({ id }) => !used.has(id)).map(ofCopy),
    ...(shared === undefined || gone.length > 0 ? [] : [shared]),
  ]);
}

const keysOf = ({ networks, outward, containers }: ObservedEgress) => [
  ...networks.keys(),
  ...outward.keys(),
  ...containers.keys(),
];

function ofNobody(agent: AgentRef): Fault {
  return warning(`${agent.name} is gone, and its network or endpoint is not`, REPAIR, {
    action: `remove network and endpoint of ${agent.name}`,
    apply: ({ deps }) =>
      whileHeld(deps, async ({ names }) => {
        if (names.has(agent.name)) return;
        await removeNetworks(deps, agent);
        await removeEndpoint(deps, agent);
      }),
  });
}

/** Of two networks of one name the other is in use. */
function ofCopy({ id, name }: LabelledNetwork): Fault {
  return warning(`there are two networks ${name}, and nobody is on one of them`, `docker network rm ${id}`, {
    action: `remove the second network ${name}`,
    apply: ({ deps }) => deps.locks.hold("egress", () => deps.engine.removeNetwork(id)),
  });
}

/** What agents share, when there is no agent to share it. */
function findAbandoned(
  { names }: Present,
  { containers, outward }: ObservedEgress,
  broker: string | undefined,
): Fault | undefined {
  const [egress, way] = [containers.get("")?.name, outward.get("")?.name];
  const left = [egress, way, broker].filter((name) => name !== undefined);
  if (names.size > 0 || left.length === 0) return undefined;
  const nobody: AgentRef = { index: 0, name: "nobody" };
  return warning(`there is no agent, and still ${left.join(", ")}`, REPAIR, {
    action: `remove what agents share: ${left.join(", ")}`,
    apply: ({ deps }) =>
      whileHeld(deps, async (now) => {
        if (now.names.size > 0) return;
        await removeNetworks(deps, nobody);
        await removeEndpoint(deps, nobody);
      }),
  });
}

/** First what the engine says of it, then, from inside the first agent that runs, what it does. */
export async function lookAtEgress(looking: Looking): Promise<Look> {
  const trouble = await findEgressTrouble(await looking.project());
  const found = "every agent has one that runs with its policy";
  if (trouble === undefined) {
    const inside = await enterAny(looking);
    if (inside === undefined) return judged(found, []);
    return judged(found, (await probeProxy(inside.deps, inside.running, inside.ask)).faults);
  }
  const repair = trouble.agent === undefined ? STARTING_STACK : bringingUp(trouble.agent);
  return judged(found, [failure(trouble.found, trouble.fix, repair)]);
}

/** From inside the first agent that runs. */
export async function lookAtNames(looking: Looking): Promise<Look> {
  const inside = await enterAny(looking);
  if (inside === undefined) return judged("no agent runs that could ask", []);
  const { deps, running, ask } = inside;
  // Without its egress nobody answers it: that is told already.
  if ((await findCut(deps, running.agent)) !== undefined) return judged("nobody answers agents", []);
  return probeNames(deps, running, ask);
}

export async function lookAtEndpoint({ project }: Looking): Promise<Look> {
  const trouble = await findEndpointTrouble(await project());
  const faults = trouble === undefined ? [] : [warning(trouble.found, trouble.fix, STARTING_STACK)];
  return judged("every agent has one", faults);
}
