import { DevkitError, isDevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { waitFor } from "../../base/wait.js";
import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { egressPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { agentsOnNetworks, findSlot, keyOf, observeEgress, type ObservedEgress } from "./observe-egress.js";
import {
  filesFor,
  isHardened,
  writeFiles,
  writePolicyTexts,
  type PolicyState,
  type ServedAgent,
} from "./write-policies.js";

export interface EgressNeeds extends Pick<ProjectDeps, "project" | "engine" | "egress" | "locks"> {
  /** How long a running egress container may take to run with a new policy. */
  readonly patienceMs?: number;
}

/** A container that has just been started reads its configuration within a second; a slow machine gets more. */
const PATIENCE_MS = 30_000;
/** What a container says keeps it for longer than this will not pass by itself. */
const PROBLEM_PATIENCE_MS = 8000;

/** The settings' names as last read, the rules of `allow` and `deny`, and what no name may lead to. */
export async function loadPolicyState(deps: Pick<ProjectDeps, "egress">): Promise<PolicyState> {
  const [memory, rules] = await Promise.all([deps.egress.loadMemory(), deps.egress.loadRules()]);
  return { memory, rules, blocked: deps.egress.addresses() };
}

/**
 * Makes every egress container run with the policy as it is now, and waits until it does; one that does not run will
 * read it when it starts. The caller holds the lock `egress`.
 * @throws DevkitError E_EGRESS
 */
export async function applyPolicies(deps: EgressNeeds): Promise<void> {
  const [observed, state] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
  const agents = agentsOnNetworks(observed);
  const owners = [...observed.containers.keys()].map((name) => parseAgentName(name, deps.project.roster));
  await Promise.all([
    writePolicyTexts(deps, state, agents),
    ...owners.map((owner) => applyTo(deps, { observed, state, owner })),
  ]);
}

interface Target {
  readonly observed: ObservedEgress;
  readonly state: PolicyState;
  readonly owner: AgentRef | undefined;
}

async function applyTo(deps: EgressNeeds, { observed, state, owner }: Target): Promise<void> {
  const container = observed.containers.get(keyOf(owner));
  const generation = await writeFiles(deps, owner, filesFor(state, servedBy(observed, state, owner)));
  if (container?.state !== "running") return;
  const paths = egressPaths(deps.project, owner);
  if ((await deps.egress.findApplied(paths)) === generation) return;
  await deps.engine.signalContainer(container.id, "SIGUSR1");
  let since: number | undefined;
  const isSettled = async () => {
    if ((await deps.egress.findApplied(paths)) === generation) return true;
    const problem = await deps.egress.findProblem(paths, generation);
    since = problem === undefined ? undefined : (since ?? performance.now());
    // Most pass: a network that is just being joined, a proxy that has to be replaced before it reads anything.
    if (problem === undefined || performance.now() - (since ?? 0) < PROBLEM_PATIENCE_MS) return undefined;
    throw new DevkitError("E_EGRESS", `${container.name} cannot serve everyone: ${showText(problem)}`, {
      hint: "bring the agents up again: devkit up; see what it says: devkit logs",
    });
  };
  await waitFor(isSettled, {
    deadlineMs: deps.patienceMs ?? PATIENCE_MS,
    intervalMs: 20,
    what: "the policy",
  }).catch((error: unknown) => {
    if (!isDevkitError(error) || error.code !== "E_TIMEOUT") throw error;
    throw new DevkitError("E_EGRESS", `${container.name} does not take the new policy`, {
      hint: "see what it says: devkit logs",
      cause: error,
    });
  });
}

/** The agents that one egress container serves: its owner, or all that have none of their own. */
export function servedBy(
  observed: ObservedEgress,
  state: PolicyState,
  owner: AgentRef | undefined,
): ServedAgent[] {
  const all = agentsOnNetworks(observed);
  const served = all.filter((agent) =>
    owner === undefined ? !isHardened(state, agent) : agent.name === owner.name,
  );
  return served.flatMap((agent): ServedAgent[] => {
    const slot = findSlot(observed, agent);
    return slot === undefined ? [] : [{ agent, slot }];
  });
}
