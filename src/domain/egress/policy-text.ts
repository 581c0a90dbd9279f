import type { Profile } from "../settings/profiles.js";
import { formatHostPattern } from "./host-pattern.js";
import type { EffectivePolicy, Grant } from "./policy.js";

export interface PolicyTextRequest {
  readonly agent: string;
  readonly policy: EffectivePolicy;
  readonly profiles: readonly Profile[];
}

/** What an agent reads of its own policy: the same policy gives the same text, whenever it is asked. */
export function policyText({ agent, policy, profiles }: PolicyTextRequest): string {
  return [
    `Network policy of ${agent}`,
    "",
    ...(policy.open ? openLines() : grantLines(policy.grants)),
    "",
    ...ruleLines(policy.open, profiles.includes("dns")),
    "",
    ...(policy.open ? [] : askLines(agent)),
  ].join("\n");
}

function openLines(): string[] {
  return ["Any name on any port can be reached (profile open), through the proxy that HTTPS_PROXY names."];
}

function grantLines(grants: readonly Grant[]): string[] {
  if (grants.length === 0) return ["No other machine can be reached: nothing is allowed."];
  const names = grants.map(({ pattern }) => formatHostPattern(pattern));
  const width = Math.max(...names.map((name) => name.length));
  return [
    "These names can be reached, on port 443, through the proxy that HTTPS_PROXY names:",
    "",
    ...grants.map((grant, index) => {
      const notes = [grantUntil(grant), grantScope(grant)].filter((note) => note !== undefined);
      return `  ${(names[index] ?? "").padEnd(width)}  ${notes.join("; ")}`.trimEnd();
    }),
  ];
}

function grantUntil({ until }: Grant): string | undefined {
  return until === undefined ? undefined : `until ${formatTime(until)}`;
}

function grantScope({ pattern }: Grant): string | undefined {
  return pattern.wildcard ? `every name below ${pattern.host}, not ${pattern.host} itself` : undefined;
}

/** `2026-01-31T12:00:00Z`; further than dates go: only the seconds. */
function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000", "");
}

function ruleLines(open: boolean, dns: boolean): string[] {
  const refused = open ? "IP addresses" : "other names, other ports, plain http, IP addresses";
  return [
    `Everything else is refused: ${refused}, and names that lead to private addresses.`,
    dns
      ? "Names resolve here too, and connections still have to go through the proxy."
      : "Leave it to the proxy to resolve names.",
  ];
}

function askLines(agent: string): string[] {
  return [
    "If you need another name, say which and why to the person you work for, who can run on the host:",
    "",
    `  devkit allow HOST --agent ${agent}`,
    `  devkit allow HOST --agent ${agent} --for 10m`,
    "",
  ];
}
