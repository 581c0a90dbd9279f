import type { Plan } from "../../domain/agents/plan.js";
import { runHostHooks, type HostHooks } from "../hooks/host-hooks.js";
import { warnAboutMemory, type BudgetCheck } from "../limits/check-budget.js";
import type { Progress, ProjectDeps } from "../ports.js";

export interface StartRequest extends BudgetCheck {
  readonly hostHooks?: HostHooks | undefined;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * What a plan that starts containers asks for before its first step; nothing for any other. Answers the commands that
 * ran on this machine, or would. @throws DevkitError E_HOOK
 */
export async function beforeStart(
  { engine, progress }: Pick<ProjectDeps, "engine" | "progress">,
  { operations }: Plan,
  request: StartRequest,
): Promise<readonly string[]> {
  if (!operations.some(({ kind }) => kind === "container.start")) return [];
  await warnAboutMemory(engine, progress, request);
  warnAboutOwnHostHooks(progress, request);
  const { hostHooks } = request;
  if (hostHooks === undefined) return [];
  if (!request.dryRun) await runHostHooks(hostHooks, progress, request.signal);
  return hostHooks.hooks.map(({ command }) => command);
}

/** This machine is not one agent's. */
function warnAboutOwnHostHooks(
  progress: Pick<Progress, "warn">,
  { agents, settings, settingsOf }: BudgetCheck,
): void {
  const shared = settings.hooks.host.length;
  for (const agent of agents.filter((one) => settingsOf(one).hooks.host.length > shared))
    progress.warn(`${agent.name}: host hooks of an overlay for one agent alone do not run`);
}
