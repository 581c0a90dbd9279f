import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { Plan } from "../../domain/agents/plan.js";
import { reconcileDown } from "../../domain/agents/reconcile.js";
import { isLive, type ObservedAgent } from "../../domain/agents/observed.js";
import { isDevkitError } from "../../base/errors.js";
import type { Host, ProjectDeps } from "../ports.js";
import { observeForwarders } from "../ports/observe-forwarders.js";
import { selectContained } from "../host-runtime/refuse-on-host.js";
import { stopStack } from "../egress/stack.js";
import { executePlan, type AgentOutcome } from "./execute.js";
import { observePresent } from "./observe.js";
import { createHandlers } from "./operations.js";

export interface DownRequest {
  /** Indexes or names; empty for all. */
  readonly selectors: readonly string[];
  readonly host: Host;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
}

export interface DownResult {
  readonly agents: readonly AgentRef[];
  readonly plan: Plan;
  readonly outcomes: readonly AgentOutcome[];
}

const END = ({ name }: AgentRef) => `end it: devkit agent kill ${name}`;

/** Stops agents after bringing their commits home. Worktrees, homes and containers stay. */
export async function bringDown(deps: ProjectDeps, request: DownRequest): Promise<DownResult> {
  if (request.dryRun) return run(deps, request);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", () => run(deps, request));
}

/** Stopping is what was asked for, but what it ends should be known. */
async function warnAboutCommands(deps: ProjectDeps, selected: readonly ObservedAgent[]): Promise<void> {
  for (const { agent, container } of selected) {
    if (container?.state !== "running") continue;
    const running = await deps.engine.countExecs(container.id);
    if (running > 0)
      deps.progress.warn(`${agent.name}: commands that run in it end with it (${String(running)})`);
  }
}

async function run(deps: ProjectDeps, request: DownRequest): Promise<DownResult> {
  const present = await observePresent(deps);
  const selected = selectContained(deps.project, request.selectors, present, END);
  const plan = reconcileDown(selected, new Set((await observeForwarders(deps)).keys()));
  const agents = selected.map(({ agent }) => agent);
  if (request.dryRun) return { agents, plan, outcomes: [] };
  const observed = new Map(selected.map((one) => [one.agent.name, one]));
  const handlers = createHandlers({
    deps,
    host: request.host,
    observed,
    spec: request.spec,
    start: "",
    force: true,
  });
  await warnAboutCommands(deps, selected);
  const outcomes = await executePlan(plan, {
    handlers: {
      ...handlers,
      // Stopping loses nothing: what could not come home stays in the agent's own repository.
      "git.sync": async (operation, step) => {
        await handlers["git.sync"](operation, step).catch((error: unknown) => {
          if (!isDevkitError(error) || error.code === "E_BUG") throw error;
          deps.progress.warn(`${operation.agent.name}: its commits stay in the agent: ${error.message}`);
        });
      },
    },
    progress: deps.progress,
    signal: request.signal,
  });
  if (!(await observePresent(deps)).some(({ container }) => container && isLive(container)))
    await stopStack(deps);
  return { agents, plan, outcomes };
}
