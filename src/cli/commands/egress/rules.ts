import type { ChangedRule } from "../../../app/egress/change-rule.js";
import { parseDuration } from "../../../base/durations.js";
import { DevkitError } from "../../../base/errors.js";
import {
  formatHostPattern,
  formatHostProblem,
  parseHostPattern,
  type HostPattern,
} from "../../../domain/egress/host-pattern.js";
import { formatTime } from "../../../output/views/egress.js";
import { defineCommand, text } from "../../command.js";
import type { Deps } from "../../deps.js";

const HOST = "a name such as github.com, or *.example.com for all below it; port 443 is meant";
const JSON_SHAPE =
  "{ host, action, agent: string|null, until: RFC 3339|null, changed, agents: [{ index, name }] }";

export const allow = defineCommand({
  path: "allow",
  summary: "Let agents reach a name",
  description:
    "Lets agents reach a name from now on, beside what devkit.toml allows. It is kept on this machine, holds for agents to come too, and is taken over by the running proxies at once.",
  arguments: [{ syntax: "<host>", description: HOST }],
  options: {
    agent: text("--agent <agent>", "for this agent only"),
    for: text("--for <time>", "for so long: 30s, 10m, 2h, 1d; it ends by itself"),
  },
  examples: ["devkit allow github.com", "devkit allow '*.example.com' --agent 2 --for 10m"],
  json: JSON_SHAPE,
  async run({ args, options, deps }) {
    return change(deps, "allow", args[0] ?? "", { selector: options.agent, time: options.for });
  },
});

export const deny = defineCommand({
  path: "deny",
  summary: "Stop agents from reaching a name",
  description:
    "Takes back what devkit.toml or devkit allow let agents reach; the running proxies take it over at once. Connections that are open go on. " +
    "A name that only a wildcard allows cannot be denied alone.",
  arguments: [{ syntax: "<host>", description: HOST }],
  options: {
    agent: text("--agent <agent>", "for this agent only"),
    for: text(
      "--for <time>",
      "for so long: 30s, 10m, 2h, 1d; then the next allow, deny, up or reload ends it",
    ),
  },
  examples: ["devkit deny github.com", "devkit deny '*.example.com' --agent 2"],
  json: JSON_SHAPE,
  async run({ args, options, deps }) {
    return change(deps, "deny", args[0] ?? "", { selector: options.agent, time: options.for });
  },
});

interface Limits {
  readonly selector: string | undefined;
  readonly time: string | undefined;
}

async function change(deps: Deps, action: "allow" | "deny", host: string, { selector, time }: Limits) {
  const pattern = requirePattern(host);
  const forSeconds = time === undefined ? undefined : requireSeconds(time);
  const { changeRule } = await import("../../../app/egress/change-rule.js");
  const project = await deps.projectDeps();
  const result = await changeRule(project, { action, pattern, selector, forSeconds });
  return { data: toData(result), human: () => toText(result) };
}

function requirePattern(text: string): HostPattern {
  const parsed = parseHostPattern(text);
  if (parsed.ok) return parsed.pattern;
  const { hint } = parsed.problem;
  throw new DevkitError("E_HOST_PATTERN", formatHostProblem({ ...parsed.problem, hint: undefined }), {
    hint: hint ?? "name a host: devkit allow example.com",
  });
}

function requireSeconds(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return Math.ceil(durationMs / 1000);
  throw new DevkitError("E_USAGE", `${JSON.stringify(text)} is no length of time`, {
    hint: "for example: --for 10m (s, m, h, d)",
  });
}

function toData({ rule, changed, agents }: ChangedRule) {
  return {
    host: formatHostPattern(rule.pattern),
    action: rule.action,
    agent: rule.agent ?? null,
    until: rule.until === undefined ? null : formatTime(rule.until),
    changed,
    agents,
  };
}

function toText({ rule, changed, agents }: ChangedRule): string {
  const who = rule.agent ?? (agents.length === 0 ? "agents to come" : "all agents");
  const host = formatHostPattern(rule.pattern);
  const until = rule.until === undefined ? "" : ` until ${formatTime(rule.until)}`;
  const verb = rule.action === "allow" ? "may reach" : "may not reach";
  const already = changed || agents.length === 0 ? "" : "; that was so already";
  return `${who} ${verb} ${host}${until}${already}.`;
}
