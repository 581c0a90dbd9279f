import type { AllowedText } from "../../domain/egress/entries.js";
import type { ProjectDeps } from "../ports.js";
import { applyPolicies } from "./apply-policies.js";
import { askPresets } from "./ask-presets.js";
import { agentsOnNetworks, observeEgress } from "./observe-egress.js";

export interface ReloadRequest {
  readonly allowed: readonly AllowedText[];
  /** Names that may point at private addresses. */
  readonly private: readonly string[];
  readonly signal: AbortSignal;
}

/** Takes over what the settings and the package managers say now. Answers how many names they allow. */
export async function reloadEgress(
  deps: ProjectDeps,
  request: ReloadRequest,
): Promise<{ names: number; agents: number }> {
  const entries = await askPresets(deps, { ...request, known: [] });
  return deps.locks.hold("egress", async () => {
    const { profiles } = await deps.egress.loadMemory();
    await deps.egress.saveMemory({ entries, private: request.private, profiles });
    await applyPolicies(deps);
    return { names: entries.length, agents: agentsOnNetworks(await observeEgress(deps)).length };
  });
}
