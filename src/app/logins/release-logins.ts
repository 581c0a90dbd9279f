import type { AgentRef } from "../../domain/agents/agent.js";
import { LOGIN_TOOLS } from "../../domain/logins/login.js";
import { LOGIN_KINDS } from "../../domain/logins/login-kinds.js";
import type { ProjectDeps } from "../ports.js";
import { findHolding, withoutHolding } from "./give-login.js";
import { warnOnFailure } from "./provide-logins.js";

type Needs = Pick<ProjectDeps, "project" | "homes" | "logins" | "progress">;

/** Ends the leases of an agent that goes; its home, and the login in it, goes to the trash as it is. */
export async function releaseLogins(deps: Needs, agent: AgentRef): Promise<void> {
  await warnOnFailure(deps, `${agent.name}: its logins were not given back`, undefined, async () => {
    const now = await deps.logins.load();
    const kinds = LOGIN_TOOLS.map((tool) => LOGIN_KINDS[tool]);
    if (kinds.every((kind) => findHolding(deps, kind, now, agent) === undefined)) return;
    await deps.logins.change(async (registry, save) => {
      await save(kinds.reduce((rest, kind) => withoutHolding(deps, kind, rest, agent), registry));
    });
  });
}
