import { isDevkitError } from "../../base/errors.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { GitConfigEntry } from "../../domain/custody/git-config.js";
import { agentPaths } from "../../domain/identity/project.js";
import { careForHomes } from "../identity/care-for-homes.js";
import type { ProjectDeps } from "../ports.js";

/** What has to hold before any operation, and costs nothing when it does. */
export async function prepareHost(
  deps: ProjectDeps,
  wanted: readonly ObservedAgent[],
  identity: readonly GitConfigEntry[],
): Promise<void> {
  await deps.history.ignoreLocally("/.devkit/");
  const existing = wanted.filter((one) => one.state.home);
  await Promise.all(
    existing.map(async ({ agent }) => {
      // What one agent did to its home must not keep the others from coming up.
      await deps.state.refreshHome(agentPaths(deps.project, agent), identity).catch((error: unknown) => {
        if (!isDevkitError(error)) throw error;
        deps.progress.warn(`${agent.name}: its git identity could not be refreshed: ${error.message}`);
      });
    }),
  );
  await careForHomes(
    deps,
    existing.map(({ agent }) => agent),
  );
}

/** Who commits in agents, from the settings of the user's own git. */
export function identityOf(config: readonly GitConfigEntry[], deps: ProjectDeps): GitConfigEntry[] {
  const last = new Map(config.map((entry) => [entry.key, entry]));
  const identity = ["user.name", "user.email"]
    .map((key) => last.get(key))
    .filter((entry) => entry !== undefined);
  if (identity.length < 2) {
    deps.progress.warn(
      "git does not know who you are, so agents cannot commit yet; set it and run this again: " +
        'git config --global user.name "Your Name" && git config --global user.email you@example.com',
    );
  }
  return identity;
}
