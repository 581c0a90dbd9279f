import type { AgentRef } from "../../domain/agents/agent.js";
import { passedEnv } from "../../domain/agents/env.js";
import type { Operation, Plan } from "../../domain/agents/plan.js";
import type { AgentHook } from "../../domain/hooks/agent-hooks.js";
import { hookOf } from "../../domain/hooks/hook-steps.js";
import { executePlan, type AgentOutcome, type Handlers } from "../agents/execute.js";
import { requireRunning } from "../agents/exec.js";
import type { HookHandlers } from "../agents/operations.js";
import type { UpRequest } from "../agents/up.js";
import type { ProgressStep, ProjectDeps } from "../ports.js";
import { runHook } from "./run-hook.js";

const isOfHook = ({ kind }: Operation): boolean => hookOf(kind) !== undefined;

/** What of a plan makes the agents run. */
export function withoutHooks({ operations }: Plan): Plan {
  return { operations: operations.filter((one) => !isOfHook(one)) };
}

export interface HookExecution {
  readonly handlers: Handlers;
  /** What became of the rest of the plan. */
  readonly outcomes: readonly AgentOutcome[];
  readonly signal: AbortSignal;
}

/**
 * Runs the hooks of a plan, agents side by side: those of agents for which all else succeeded. They come last of all,
 * when agents reach what they may reach, and without the agents' lock: they can take long.
 */
export async function executeHooks(
  { progress }: Pick<ProjectDeps, "progress">,
  { operations }: Plan,
  { handlers, outcomes, signal }: HookExecution,
): Promise<AgentOutcome[]> {
  const failed = new Set(outcomes.filter(({ error }) => error !== undefined).map(({ agent }) => agent.name));
  const due = operations.filter((one) => isOfHook(one) && !failed.has(one.agent.name));
  const ran = await executePlan({ operations: due }, { handlers, progress, signal });
  const others = outcomes.filter(({ agent }) => ran.every((one) => one.agent.name !== agent.name));
  const joined = ran.map(({ agent, done, error }) => {
    const before = outcomes.find((one) => one.agent.name === agent.name)?.done ?? [];
    return { agent, done: [...before, ...done], error };
  });
  return [...others, ...joined];
}

/** What each of a plan's hook operations does. */
export function hookHandlers(
  deps: ProjectDeps,
  { settingsOf, host, signal }: Pick<UpRequest, "settingsOf" | "host" | "signal">,
): HookHandlers {
  const run = (hook: AgentHook) => async (operation: Operation, step: ProgressStep) => {
    const { agent } = operation;
    // Whoever brings agents up has approved what the repository asks for.
    const env = passedEnv(settingsOf(agent).agent.pass_env, host.env);
    await runIn(deps, agent, { hook, settingsOf, env, step, signal });
  };
  return { "hook.create": run("on_create"), "hook.warm": run("warm"), "hook.start": run("on_start") };
}

async function runIn(
  deps: ProjectDeps,
  agent: AgentRef,
  request: Omit<Parameters<typeof runHook>[1], "agent" | "container" | "again">,
): Promise<void> {
  const { container } = await requireRunning(deps, agent.name);
  await runHook(deps, { ...request, agent, container, again: false });
}
