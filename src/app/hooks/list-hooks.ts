import type { AgentRef } from "../../domain/agents/agent.js";
import { isPresent } from "../../domain/agents/observed.js";
import { hookStates, type HookState } from "../../domain/hooks/hook-states.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { observe } from "../agents/observe.js";
import type { ProjectDeps } from "../ports.js";
import { loadHooks } from "./load-hooks.js";

export interface ListedHooks {
  readonly agent: AgentRef;
  readonly hooks: readonly HookState[];
}

/** The hooks of each agent there is, and how they fared. */
export async function listHooks(deps: ProjectDeps, settingsOf: SettingsOf): Promise<ListedHooks[]> {
  const present = (await observe(deps)).filter((one) => isPresent(one) && one.state.runtime === "container");
  return Promise.all(
    present.map(async ({ agent, container }) => {
      const hooks = await loadHooks(deps, settingsOf, agent, container);
      return { agent, hooks: hooks === undefined ? [] : hookStates(hooks) };
    }),
  );
}
