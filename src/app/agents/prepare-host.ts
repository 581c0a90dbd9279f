import { isDevkitError } from "../../base/errors.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { warnAboutIdentities, type IdentityOf } from "../identity/agent-identity.js";
import { careForHomes } from "../identity/care-for-homes.js";
import { refreshIdentity } from "../identity/refresh-identity.js";
import type { ProjectDeps } from "../ports.js";

/** What has to hold before any operation, and costs nothing when it does. */
export async function prepareHost(
  deps: ProjectDeps,
  wanted: readonly ObservedAgent[],
  identityOf: IdentityOf,
): Promise<void> {
  await deps.history.ignoreLocally("/.devkit/");
  warnAboutIdentities(
    deps.progress,
    wanted.map(({ agent }) => agent),
    identityOf,
  );
  const existing = wanted.filter((one) => one.state.home);
  await Promise.all(
    existing.map(async ({ agent }) => {
      // What one agent did to its home must not keep the others from coming up.
      await refreshIdentity(deps, agent, identityOf(agent)).catch((error: unknown) => {
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
