import { byIndex, type AgentRef } from "../../domain/agents/agent.js";
import { egressFiles, type EgressAgent } from "../../domain/egress/egress-files.js";
import { ANY_TARGET_REGEX, formatHostPattern, toTargetRegex } from "../../domain/egress/host-pattern.js";
import type { RememberedPolicy } from "../../domain/egress/memory-file.js";
import { policyText } from "../../domain/egress/policy-text.js";
import { effectivePolicy, type EffectivePolicy } from "../../domain/egress/policy.js";
import type { EgressRule } from "../../domain/egress/rules.js";
import type { Slot } from "../../domain/egress/subnets.js";
import { agentPaths, egressPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

/** An agent on its network, and the egress that serves it. */
export interface ServedAgent {
  readonly agent: AgentRef;
  readonly slot: Slot;
}

/** Everything that decides what agents may reach. */
export interface PolicyState {
  readonly memory: RememberedPolicy;
  readonly rules: readonly EgressRule[];
  /** Addresses that no allowed name may lead to. */
  readonly blocked: readonly string[];
}

export function policyOf({ memory, rules }: PolicyState, agent: AgentRef): EffectivePolicy {
  const profiles = memory.profiles.get(agent.name) ?? [];
  const now = Math.floor(Date.now() / 1000);
  return effectivePolicy({ entries: memory.entries, rules, agent: agent.name, profiles, now });
}

/** Whether an agent has an egress container of its own. */
export function isHardened({ memory }: Pick<PolicyState, "memory">, agent: AgentRef): boolean {
  return memory.profiles.get(agent.name)?.includes("hardened") === true;
}

/** The files of one egress container: relative path → content. */
export function filesFor(state: PolicyState, served: readonly ServedAgent[]): ReadonlyMap<string, string> {
  const agents = [...served].sort((a, b) => byIndex(a.agent, b.agent)).map((one) => describe(state, one));
  return egressFiles({ agents, blocked: state.blocked, private: state.memory.private });
}

function describe(state: PolicyState, { agent, slot }: ServedAgent): EgressAgent {
  const { open, grants } = policyOf(state, agent);
  const resolves = state.memory.profiles.get(agent.name)?.includes("dns") === true;
  const timed = grants.map(({ pattern, until = 0 }) => ({ pattern, until }));
  return {
    name: agent.name,
    address: slot.egress,
    client: slot.subnet,
    rules: open
      ? [{ target: ANY_TARGET_REGEX, until: 0 }]
      : timed.map(({ pattern, until }) => ({ target: toTargetRegex(pattern), until })),
    names: open
      ? [{ name: "*", until: 0 }]
      : resolves
        ? timed.map(({ pattern, until }) => ({ name: formatHostPattern(pattern), until }))
        : [],
  };
}

/** What agents read of their own policies. */
export async function writePolicyTexts(
  { project, egress }: Pick<ProjectDeps, "project" | "egress">,
  state: PolicyState,
  agents: readonly AgentRef[],
): Promise<void> {
  await Promise.all(
    agents.map(async (agent) => {
      const profiles = state.memory.profiles.get(agent.name) ?? [];
      const text = policyText({ agent: agent.name, policy: policyOf(state, agent), profiles });
      await egress.writePolicy(agentPaths(project, agent).policy, text);
    }),
  );
}

/** Writes one egress container's files unless they are there; answers their generation. */
export async function writeFiles(
  { project, egress }: Pick<ProjectDeps, "project" | "egress">,
  owner: AgentRef | undefined,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const paths = egressPaths(project, owner);
  const generation = (files.get("generation") ?? "").trim();
  if ((await egress.findWritten(paths)) !== generation) {
    // What was in force before says nothing of what is written now, even when it is the same again.
    await egress.forgetApplied(paths);
    await egress.writeConfig(paths, files);
  }
  return generation;
}
