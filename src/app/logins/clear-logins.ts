import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { loginFile, type LoginKind } from "../../domain/logins/login-kinds.js";
import type { SlotRef } from "../../domain/logins/login-registry.js";
import { findHolding, withoutHolding } from "./give-login.js";
import { findLogin, type LoginNeeds } from "./holders.js";
import { selectHomes } from "./select-homes.js";

export interface ClearedLogin {
  readonly agent: AgentRef;
  /** There was a login. */
  readonly removed: boolean;
  /** The slot that is free now. */
  readonly slot: SlotRef | undefined;
}

/** Takes the login out of agents' homes and ends their leases. @throws DevkitError E_AGENT_UNKNOWN */
export async function clearLogins(
  deps: LoginNeeds,
  kind: LoginKind,
  selectors: readonly string[],
): Promise<ClearedLogin[]> {
  const agents = await selectHomes(deps, selectors);
  return deps.logins.change(async (found, save) => {
    let registry = found;
    const cleared: ClearedLogin[] = [];
    for (const agent of agents) {
      const paths = agentPaths(deps.project, agent);
      const removed = findLogin(deps, kind, paths.home) !== undefined;
      const slot = findHolding(deps, kind, registry, agent)?.slot;
      registry = withoutHolding(deps, kind, registry, agent);
      // The home first: a slot is free only when nobody has its login any more.
      deps.homes.remove(paths, [loginFile(kind)]);
      const given = await deps.logins.loadGiven(paths);
      const others = given.filter(({ tool }) => tool !== kind.tool);
      if (others.length < given.length) await deps.logins.saveGiven(paths, others);
      cleared.push({ agent, removed, slot });
    }
    if (registry !== found) await save(registry);
    return cleared;
  });
}
