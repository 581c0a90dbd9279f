import { quoteText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Settings } from "../../domain/settings/settings.js";
import type { CarriedFiles, CheckoutReport, Progress, ProjectDeps } from "../ports.js";

/** How many names a warning lists. */
const NAMED = 5;

/** What new worktrees get copies of; says which of it looks like live credentials. */
export async function loadCarried(
  { worktrees, progress }: Pick<ProjectDeps, "worktrees" | "progress">,
  { workspace }: Pick<Settings, "workspace">,
): Promise<CarriedFiles> {
  const carried = await worktrees.listCarried(workspace.copy);
  if (carried.credentials.length > 0) {
    const names = carried.credentials.map(({ path, looksLike }) => `${path} (${looksLike})`);
    progress.warn(
      `copied because .worktreeinclude or [workspace] copy lists them, though they look like live credentials that agents can read: ${listNames(names)}`,
    );
  }
  return carried;
}

/** Says what a checkout had to leave out, and what it did besides. */
export function warnAboutCheckout(
  progress: Pick<Progress, "warn">,
  agent: AgentRef,
  { fetched, missingModules, notCarried }: CheckoutReport,
): void {
  if (fetched > 0) {
    progress.warn(
      `${agent.name}: fetched ${String(fetched)} files that this partial clone had not; what else is missing an agent cannot fetch`,
    );
  }
  if (missingModules.length > 0) {
    progress.warn(
      `${agent.name}: the primary has not the commit of ${listNames(missingModules)}; fetch it there and update inside: git submodule update --init --recursive`,
    );
  }
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of notCarried) byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  for (const [reason, paths] of byReason) {
    progress.warn(`${agent.name}: not copied, because ${reason}: ${listNames(paths)}`);
  }
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => quoteText(name).slice(1, -1));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${String(more)} more` : shown.join(", ");
}
