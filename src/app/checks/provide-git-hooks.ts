import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "gitHooks" | "progress">;

/**
 * Brings devkit's git hooks up to date in the private git dirs that there are, and answers what does that in a new one.
 * They run where the agent's git does, never on the host.
 */
export function provideGitHooks(
  deps: Needs,
  { wanted, settingsOf }: { readonly wanted: readonly ObservedAgent[]; readonly settingsOf: SettingsOf },
): (agent: AgentRef) => void {
  const install = (agent: AgentRef) => {
    installHooks(deps, agent, settingsOf(agent).check.list.length > 0);
  };
  for (const { agent, state } of wanted) if (state.git) install(agent);
  return install;
}

/** What an agent put in their place is told, and keeps nobody from coming up. */
function installHooks({ project, gitHooks, progress }: Needs, agent: AgentRef, hasChecks: boolean): void {
  try {
    const taken = gitHooks.install(agentPaths(project, agent).git, hasChecks);
    if (taken.length === 0) return;
    progress.warn(
      `${agent.name}: devkit's git hooks do not run: its own ${taken.join(", ")} stands there, and a *.local beside it`,
    );
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    progress.warn(`${agent.name}: ${error.message}`);
  }
}
