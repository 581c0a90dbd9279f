import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { formatHostPattern, type HostPattern } from "../../domain/egress/host-pattern.js";
import type { EffectivePolicy } from "../../domain/egress/policy.js";
import { addRule, isSameSubject, type EgressRule } from "../../domain/egress/rules.js";
import { requireAgent } from "../agents/select.js";
import { refuseNamedOnHost } from "../host-runtime/refuse-on-host.js";
import type { ProjectDeps } from "../ports.js";
import { applyPolicies, loadPolicyState, type EgressNeeds } from "./apply-policies.js";
import { agentsOnNetworks, observeEgress } from "./observe-egress.js";
import { policyOf, type PolicyState } from "./write-policies.js";

export interface RuleRequest {
  readonly action: "allow" | "deny";
  readonly pattern: HostPattern;
  /** An index or a name; undefined: all agents, those to come too. */
  readonly selector: string | undefined;
  /** Undefined: for good. */
  readonly forSeconds: number | undefined;
}

export interface ChangedRule {
  readonly rule: EgressRule;
  /** Whether any agent can reach something now that it could not, or the other way round. */
  readonly changed: boolean;
  /** Those whose policy it is part of now. */
  readonly agents: readonly AgentRef[];
}

/**
 * Allows or denies one name from now on, in the running proxies too; connections that are open go on.
 * @throws DevkitError E_AGENT_UNKNOWN, E_ON_HOST, E_DENY_COVERED
 */
export async function changeRule(
  deps: EgressNeeds & Pick<ProjectDeps, "state">,
  request: RuleRequest,
): Promise<ChangedRule> {
  return deps.locks.hold("egress", async () => {
    const [observed, before] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
    const agents = agentsOnNetworks(observed);
    const { selector } = request;
    if (selector !== undefined) await refuseNamedOnHost(deps, selector);
    const chosen =
      selector === undefined
        ? undefined
        : requireAgent(
            selector,
            agents.map((agent) => ({ agent })),
          ).agent;
    const now = Math.floor(Date.now() / 1000);
    const rule: EgressRule = {
      action: request.action,
      pattern: request.pattern,
      agent: chosen?.name,
      until: request.forSeconds === undefined ? undefined : now + request.forSeconds,
    };
    const concerned = chosen === undefined ? agents : [chosen];
    const after = { ...before, rules: addRule(before.rules, rule, now) };
    refuseCovered(after, rule, concerned);
    await deps.egress.saveRules(after.rules);
    await applyPolicies(deps);
    const isOther = (agent: AgentRef) => grantsOf(before, agent) !== grantsOf(after, agent);
    return { rule, changed: concerned.some(isOther), agents: concerned };
  });
}

function grantsOf(state: PolicyState, agent: AgentRef): string {
  const { open, grants } = policyOf(state, agent);
  return JSON.stringify([open, grants.map(({ pattern, until }) => [formatHostPattern(pattern), until])]);
}

/** A rule that would do nothing must not look as if it did. */
function refuseCovered(state: PolicyState, rule: EgressRule, agents: readonly AgentRef[]): void {
  for (const agent of agents) {
    const policy: EffectivePolicy = policyOf(state, agent);
    const covered = policy.cannotDeny.find((one) => isSameSubject(one.rule, rule));
    if (covered === undefined || rule.action === "allow") continue;
    const name = formatHostPattern(rule.pattern);
    const isOpen = covered.because === "open";
    throw new DevkitError(
      "E_DENY_COVERED",
      isOpen
        ? `${name} cannot be denied: ${agent.name} has the profile open`
        : `${name} cannot be denied alone: ${covered.because} allows it`,
      {
        hint: isOpen
          ? "bring it up without the profile: devkit agent up N"
          : `deny all of it, then allow what is needed: devkit deny '${covered.because}'`,
        details: { host: name, coveredBy: covered.because },
      },
    );
  }
}
