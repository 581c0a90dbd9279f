import type { AgentRef } from "../../domain/agents/agent.js";
import { LOGIN_KINDS } from "../../domain/logins/login-kinds.js";
import { LOGIN_TOOLS } from "../../domain/logins/login.js";
import type { ProjectDeps } from "../ports.js";
import { findHolding, withRenewal } from "./give-login.js";
import { warnOnFailure } from "./provide-logins.js";

type Needs = Pick<ProjectDeps, "project" | "homes" | "logins" | "progress">;

/** Before a home goes while its agent stays: only that home knows that the agent has renewed the login of its slot. */
export async function noteRenewals(deps: Needs, agent: AgentRef): Promise<void> {
  await warnOnFailure(deps, `${agent.name}: its logins were not looked at`, undefined, async () => {
    const now = await deps.logins.load();
    const kinds = LOGIN_TOOLS.map((tool) => LOGIN_KINDS[tool]);
    if (kinds.every((kind) => findHolding(deps, kind, now, agent) === undefined)) return;
    await deps.logins.change(async (registry, save) => {
      const noted = kinds.reduce((rest, kind) => withRenewal(deps, kind, rest, agent), registry);
      if (noted !== registry) await save(noted);
    });
  });
}
