import type { ListedPolicy } from "../../../app/egress/list-policies.js";
import { formatHostPattern } from "../../../domain/egress/host-pattern.js";
import { grantData, policyTable } from "../../../output/views/egress.js";
import { defineCommand } from "../../command.js";

export const egressList = defineCommand({
  path: "egress list",
  summary: "Show what each agent may reach, and who allowed it",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit egress list", "devkit egress list 2 --json"],
  json: "{ agents: [{ index, name, up, profiles, open, allowed: [{ host, until: RFC 3339|null, by }], denied: [host] }] }",
  async run({ args, deps }) {
    const { listPolicies } = await import("../../../app/egress/list-policies.js");
    const listed = await listPolicies(await deps.projectDeps(), args);
    return {
      data: { agents: listed.map(toData) },
      human: () =>
        listed.length === 0
          ? "No agent has a container. Make some: devkit agent up 3"
          : listed.map(toText).join("\n\n"),
    };
  },
});

function toData({ agent, profiles, policy, isUp }: ListedPolicy) {
  return {
    ...agent,
    up: isUp,
    profiles,
    open: policy.open,
    allowed: policy.grants.map(grantData),
    denied: deniedHosts(policy.removed),
  };
}

function toText({ agent, profiles, policy, isUp }: ListedPolicy): string {
  const profile = profiles.length === 0 ? "" : ` (${profiles.join(", ")})`;
  const down = isUp ? "" : ", but its egress is down: it reaches nothing";
  const denied = deniedHosts(policy.removed);
  const taken = denied.length === 0 ? [] : [`denied by devkit deny: ${denied.join(", ")}`];
  return [`${agent.name}${profile}${down}`, policyTable(policy), ...taken].join("\n");
}

function deniedHosts(removed: ListedPolicy["policy"]["removed"]): string[] {
  return removed.map(({ grant }) => formatHostPattern(grant.pattern));
}
