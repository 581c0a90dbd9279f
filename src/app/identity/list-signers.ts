import type { AgentRef } from "../../domain/agents/agent.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { observePresent } from "../agents/observe.js";
import { selectAgents } from "../agents/select.js";
import type { ProjectDeps } from "../ports.js";
import { identities } from "./agent-identity.js";

export interface Signer {
  readonly agent: AgentRef;
  readonly isSigning: boolean;
  /** As in allowed_signers; undefined: it has no key. */
  readonly line: string | undefined;
}

/** Whose signatures those of agents' keys are, for whoever checks their commits outside. */
export async function listSigners(
  deps: ProjectDeps,
  selectors: readonly string[],
  settingsOf: SettingsOf,
): Promise<Signer[]> {
  const [observed, config] = await Promise.all([observePresent(deps), deps.history.config()]);
  const identityOf = identities(deps, config, settingsOf);
  return selectAgents(selectors, observed).map(({ agent }) => {
    const { isSigning, signer } = identityOf(agent);
    return { agent, isSigning, line: signer };
  });
}
