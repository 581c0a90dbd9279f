import type { ReclaimRequest } from "../../../app/reclaim/prune-all.js";
import { RECLAIM_KINDS } from "../../../app/reclaim/reclaim-kinds.js";
import type { Deps } from "../../deps.js";

/** What there is to know of the settings to say what can go; for looking only. */
export async function reclaimRequest(
  deps: Deps,
  { signal, patienceMs }: Pick<ReclaimRequest, "signal" | "patienceMs">,
): Promise<ReclaimRequest> {
  const { settings, settingsOf } = await deps.config();
  return {
    ...{ settings, settingsOf, host: deps.host, signal, patienceMs },
    ...{ base: settings.project.base, prefix: settings.worktrees.branch_prefix },
    ...{ kinds: RECLAIM_KINDS, apply: false, trash: false, now: new Date() },
  };
}
