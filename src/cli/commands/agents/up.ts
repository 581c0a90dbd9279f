import type { UpRequest, UpResult } from "../../../app/agents/up.js";
import type { While } from "../../../app/runs/up-for-a-while.js";
import type { ProjectDeps } from "../../../app/ports.js";
import { parseDuration } from "../../../base/durations.js";
import { DevkitError } from "../../../base/errors.js";
import { quoteText } from "../../../base/show-text.js";
import { isAgentName } from "../../../domain/agents/agent-name.js";
import { agentPaths } from "../../../domain/identity/project.js";
import { planData, planText, runningText } from "../../../output/views/agents.js";
import { allowedNames } from "../../../config/allowed-names.js";
import type { Settings } from "../../../domain/settings/settings.js";
import type { Reporter } from "../../../output/reporter.js";
import { parseAgentCount } from "../../agent-count.js";
import { ownProgram } from "../../own-program.js";
import { requireTime } from "../runs/require-time.js";
import { defineCommand, flag, text } from "../../command.js";

const DEFAULT_TTL = "1h";

export const agentUp = defineCommand({
  path: "agent up",
  summary: "Make agents 1..N exist and run, or start those named",
  description:
    "Makes agents 1..N exist and run: a worktree on a branch of its own, a private git dir, a home and a container each. " +
    "By name only those, which must be there already: `agent up agent-2 docs`. " +
    "Changes nothing that is already as it should be, heals what is not, and never removes an agent or its work.",
  arguments: [
    {
      syntax: "[agent...]",
      description:
        "one number: how many, by default what [project] count says; or names of agents that are there",
      completes: "agents",
    },
  ],
  options: {
    dryRun: flag("--dry-run", "print what would be done, and why, and do nothing"),
    ephemeral: flag("--ephemeral", "those that are new are there for a while only: see --ttl"),
    ttl: text(
      "--ttl <time>",
      `with --ephemeral: how long, 30m, 2h, 1d; ${DEFAULT_TTL} by default; then they are taken away`,
      requireTime,
    ),
    force: flag(
      "--force",
      "more agents than usual or than the budget of all gives room for, or replace containers in which commands run",
    ),
  },
  examples: [
    "devkit agent up 3",
    "devkit -p small agent up 8",
    "devkit agent up agent-2 docs",
    "devkit agent up 3 --dry-run",
    "devkit agent up 2 --ephemeral --ttl 30m",
  ],
  json: "{ dryRun, expires: RFC 3339|null, imageCause: string|null, egressCause: string|null, hostHooks: [command], agents: [{ index, name, worktree, changed }], operations: [{ agent, kind, cause, after }] }",
  async run({ args, options, deps, globals, reporter, shutdown }) {
    const [{ bringUp }, { finishAgents }, { requireSuccess }, { tendClaims }] = await Promise.all([
      import("../../../app/agents/up.js"),
      import("../../../app/agents/finish-agents.js"),
      import("../../../app/agents/outcome.js"),
      import("../../../app/tasks/tend-claims.js"),
    ]);
    const asked = parseAsked(args);
    const ttlMs = checkTtl(asked, options);
    const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { settings, settingsOf } = config;
    const { host } = deps;
    warnAboutProfiles(settings, reporter);
    if (!options.dryRun) await finishAgents(await deps.spawning(), new Date());
    const up =
      ttlMs === undefined
        ? bringUp
        : await forAWhile({ ttlMs, program: ownProgram(globals, project.project.root) });
    const result: UpResult & { readonly expiresAt?: string } = await up(project, {
      ...(await choose(project, asked ?? requireCount(settings))),
      settings,
      settingsOf,
      allowed: allowedNames(config),
      host,
      extras: deps.extras,
      hostHooks: await deps.hostHooks(config),
      ...{ dryRun: options.dryRun, force: options.force },
      now: new Date(),
      signal: shutdown.signal,
    });
    const changed = new Set(result.plan.operations.map(({ agent }) => agent.name));
    requireSuccess(result.outcomes, result.agents.length - changed.size);
    if (!options.dryRun) await tendClaims(await deps.tasks());
    const agents = result.agents.map((agent) => ({
      ...agent,
      worktree: agentPaths(project.project, agent).worktree,
      changed: changed.has(agent.name),
    }));
    const expires = result.expiresAt ?? null;
    const { dryRun } = options;
    return {
      data: { dryRun, expires, ...causesOf(result), agents, operations: planData(result.plan) },
      human: () =>
        dryRun
          ? planText(result.plan, result, reporter.paint)
          : runningText(result.agents, changed.size > 0, expires),
    };
  },
});

function causesOf({ imageCause, egressCause, hostHooks }: UpResult) {
  return { imageCause: imageCause ?? null, egressCause: egressCause ?? null, hostHooks };
}

/** @throws DevkitError E_USAGE */
function checkTtl(
  asked: number | readonly string[] | undefined,
  { ephemeral, ttl }: { readonly ephemeral: boolean; readonly ttl: string | undefined },
): number | undefined {
  if (!ephemeral && ttl === undefined) return undefined;
  if (!ephemeral || typeof asked === "object")
    throw new DevkitError("E_USAGE", "--ttl and --ephemeral are for agents that are made by their number", {
      hint: "for example: devkit agent up 2 --ephemeral --ttl 30m",
    });
  return parseDuration(ttl ?? DEFAULT_TTL);
}

async function forAWhile(time: While) {
  const { bringUpForAWhile } = await import("../../../app/runs/up-for-a-while.js");
  return (project: ProjectDeps, request: UpRequest) => bringUpForAWhile(project, request, time);
}

const EXAMPLE =
  "for example: devkit agent up 3; by name: devkit agent up agent-2; to stop agents: devkit agent down";

/** How many, or names; undefined: neither was given. @throws DevkitError E_USAGE */
function parseAsked(args: readonly string[]): number | readonly string[] | undefined {
  const [first] = args;
  if (first === undefined) return undefined;
  if (args.length === 1 && !isAgentName(first)) return parseAgentCount(first, EXAMPLE);
  const other = args.find((name) => !isAgentName(name));
  if (other === undefined) return args;
  throw new DevkitError("E_USAGE", `either a number of agents or names: ${quoteText(other)} is no name`, {
    hint: "for example: devkit agent up agent-2 agent-5; or: devkit agent up 5",
  });
}

/** Those named are among the agents there are, or are left of one. @throws DevkitError E_AGENT_UNKNOWN */
async function choose(
  project: ProjectDeps,
  asked: number | readonly string[],
): Promise<Pick<UpRequest, "count" | "only">> {
  if (typeof asked === "number") return { count: asked };
  const [{ observe }, { selectAgents }] = await Promise.all([
    import("../../../app/agents/observe.js"),
    import("../../../app/agents/select.js"),
  ]);
  const only = selectAgents(asked, await observe(project)).map(({ agent }) => agent.index);
  return { count: only.length, only };
}

function requireCount({ project }: Settings): number {
  if (project.count !== undefined) return project.count;
  throw new DevkitError("E_USAGE", "agent up needs to know how many agents", {
    hint: "for example: devkit agent up 3; or for good, in devkit.toml: [project] count = 3",
  });
}

/** Loud, because nobody should have it without knowing. */
function warnAboutProfiles({ project }: Settings, reporter: Reporter): void {
  if (project.profiles.includes("open"))
    reporter.warn("profile open: these agents reach every name on every port; only addresses stay refused");
}
