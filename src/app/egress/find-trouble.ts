import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { egressPaths } from "../../domain/identity/project.js";
import { loadPolicyState, type EgressNeeds } from "./apply-policies.js";
import {
  agentsOnNetworks,
  findNetwork,
  findSlot,
  keyOf,
  observeEgress,
  type ObservedEgress,
} from "./observe-egress.js";
import { isSealed } from "./seals.js";
import { isHardened } from "./write-policies.js";

/** What keeps agents from reaching what they may, in words, and the command that mends it. */
export interface EgressTrouble {
  readonly found: string;
  readonly fix: string;
  /** Whose container has to be started again; undefined: what all share has to be. */
  readonly agent?: AgentRef;
}

/** The first thing that is wrong with the project's egress; undefined when all is well. Changes nothing. */
export async function findEgressTrouble(deps: EgressNeeds): Promise<EgressTrouble | undefined> {
  const [observed, state] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
  for (const agent of agentsOnNetworks(observed)) {
    const trouble = cutOf(observed, agent, isHardened(state, agent));
    if (trouble !== undefined)
      return { found: `${agent.name} reaches nothing: ${trouble}`, fix: "devkit up" };
  }
  const unsealed = await findUnsealed(deps, observed);
  if (unsealed !== undefined) {
    const fix = upCommand([unsealed]);
    return {
      found: `${unsealed.name} was started by somebody else, and its network is not sealed`,
      fix,
      agent: unsealed,
    };
  }
  for (const [key, { name }] of observed.containers) {
    const paths = egressPaths(deps.project, parseAgentName(key, deps.project.roster));
    const [written, applied] = await Promise.all([
      deps.egress.findWritten(paths),
      deps.egress.findApplied(paths),
    ]);
    if (written !== applied)
      return { found: `${name} does not run with the policy that was written last`, fix: "devkit restart" };
  }
  return undefined;
}

/** What keeps one agent from reaching anything at all; completes "<agent> reaches nothing: …". */
export async function findCut(deps: EgressNeeds, agent: AgentRef): Promise<string | undefined> {
  const [observed, state] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
  return cutOf(observed, agent, isHardened(state, agent));
}

function cutOf(observed: ObservedEgress, agent: AgentRef, hasOwn: boolean): string | undefined {
  return notRunning(observed, hasOwn ? agent : undefined) ?? notAttached(observed, agent);
}

async function findUnsealed(deps: EgressNeeds, observed: ObservedEgress): Promise<AgentRef | undefined> {
  for (const container of await deps.engine.listContainers("agent", deps.project.id)) {
    const agent = parseAgentName(container.agentName, deps.project.roster);
    if (agent === undefined || container.state !== "running") continue;
    if (!(await isSealed(deps, agent, container, findSlot(observed, agent)))) return agent;
  }
  return undefined;
}

function notRunning({ containers }: ObservedEgress, owner: AgentRef | undefined): string | undefined {
  const container = containers.get(keyOf(owner));
  if (container === undefined) return "its egress container is gone";
  return container.state === "running" ? undefined : `its egress container is ${container.state}`;
}

function notAttached(observed: ObservedEgress, agent: AgentRef): string | undefined {
  return findNetwork(observed, agent).attached ? undefined : "its egress is not on its network";
}
