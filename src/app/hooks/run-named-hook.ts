import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { AgentHook } from "../../domain/hooks/agent-hooks.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { requireRunning, type RunningAgent } from "../agents/exec.js";
import type { AgentOutcome } from "../agents/execute.js";
import { observePresent } from "../agents/observe.js";
import { selectAgents } from "../agents/select.js";
import type { ProjectDeps } from "../ports.js";
import { runHook } from "./run-hook.js";

export interface NamedHook {
  readonly hook: AgentHook;
  /** None: all agents that run. */
  readonly selectors: readonly string[];
  readonly settingsOf: SettingsOf;
  readonly envOf: (running: RunningAgent) => Promise<Readonly<Record<string, string>>>;
  readonly signal: AbortSignal;
}

export type HookOutcome = Pick<AgentOutcome, "agent" | "error">;

/** Runs a hook because the user asked for it, agents side by side. @throws DevkitError E_AGENT_UNKNOWN, E_USAGE … */
export async function runNamedHook(deps: ProjectDeps, request: NamedHook): Promise<HookOutcome[]> {
  const running = await findRunning(deps, request.selectors);
  const { hook, settingsOf } = request;
  const having = running.filter(({ agent }) => settingsOf(agent).hooks[hook].length > 0);
  if (having.length === 0 && running.length > 0) {
    throw new DevkitError("E_USAGE", `no agent has commands for ${hook}`, {
      hint: `write some into devkit.toml: [hooks] ${hook} = ["…"]`,
    });
  }
  return Promise.all(having.map((one) => runOne(deps, request, one)));
}

async function findRunning(deps: ProjectDeps, selectors: readonly string[]): Promise<RunningAgent[]> {
  const selected = selectAgents(selectors, await observePresent(deps));
  const all = selectors.length === 0;
  const wanted = selected.filter(({ container }) => !all || container?.state === "running");
  return Promise.all(wanted.map(({ agent }) => requireRunning(deps, agent.name)));
}

async function runOne(
  deps: ProjectDeps,
  { hook, settingsOf, envOf, signal }: NamedHook,
  running: RunningAgent,
): Promise<{ agent: AgentRef; error: DevkitError | undefined }> {
  const { agent } = running;
  const step = deps.progress.step(agent, `running its ${hook} hook`);
  try {
    const env = await envOf(running);
    await runHook(deps, { ...running, hook, settingsOf, env, again: true, step, signal });
    step.done(hook === "warm" ? "warm goes on in the background" : `${hook} ran`);
    return { agent, error: undefined };
  } catch (error) {
    const failure = toDevkitError(error);
    step.fail(failure.message);
    return { agent, error: failure };
  }
}
