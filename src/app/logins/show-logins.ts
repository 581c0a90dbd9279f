import type { AgentRef } from "../../domain/agents/agent.js";
import { loginState, type Login, type LoginState } from "../../domain/logins/login.js";
import type { LoginKind } from "../../domain/logins/login-kinds.js";
import type { SlotRef } from "../../domain/logins/login-registry.js";
import { findHolding } from "./give-login.js";
import { findHolders, findSharing, type LoginNeeds } from "./holders.js";
import { selectHomes } from "./select-homes.js";

/** What an agent has of a program's logins. */
export interface ShownLogin {
  readonly agent: AgentRef;
  readonly login: Login | undefined;
  readonly state: LoginState | undefined;
  /** The slot of the pool that is leased to it. */
  readonly slot: SlotRef | undefined;
  /** Who else has the same family. */
  readonly sharedWith: readonly string[];
}

/** @throws DevkitError E_AGENT_UNKNOWN, E_LOGIN_REGISTRY */
export async function showLogins(
  deps: LoginNeeds,
  kind: LoginKind,
  selectors: readonly string[],
  now: Date,
): Promise<ShownLogin[]> {
  const agents = await selectHomes(deps, selectors);
  const registry = await deps.logins.load();
  const holders = await findHolders(deps, kind, registry);
  return agents.map((agent) => {
    const holder = holders.find((one) => one.agent?.name === agent.name);
    const login = holder?.login;
    return {
      agent,
      login,
      state: login && loginState(login, now),
      slot: findHolding(deps, kind, registry, agent)?.slot,
      sharedWith: findSharing(holders, agent, login === undefined ? [] : (holder?.marks ?? [])).map(
        ({ name }) => name,
      ),
    };
  });
}
