import type { IncomingBundle, TakenCommits } from "../../app/ports-history.js";
import { DevkitError } from "../../base/errors.js";
import { withQuarantine } from "./quarantine.js";
import { receiveBundle } from "./receive-bundle.js";
import { findFaults } from "./verify-tips.js";

/**
 * Takes what an agent sends into the primary's object directory, once every object, the connection to what is here and
 * the embedded repositories have been checked; nothing of it stays when it does not hold.
 * @throws DevkitError E_PACK_REFUSED
 */
export async function takeCommits(commonDir: string, bundle: IncomingBundle): Promise<TakenCommits> {
  return withQuarantine(commonDir, bundle.owner, async ({ env, release }) => {
    const sent = await receiveBundle(commonDir, env, bundle);
    const asked = new Map([...sent].filter(([ref]) => bundle.refs.has(ref)));
    const tips = [...new Set(asked.values())];
    const faults = await findFaults({ commonDir, env }, tips, bundle.allowsGitlinks);
    // All or nothing: the caller asks for the sound ones by themselves, so that no faulty object ever gets in with them.
    const [fault] = faults.values();
    if (fault !== undefined && tips.length > 1) throw new DevkitError("E_PACK_REFUSED", fault);
    if (fault === undefined) await release();
    const refused = [...asked].flatMap(([ref, oid]) => {
      const reason = faults.get(oid);
      return reason === undefined ? [] : [[ref, reason] as const];
    });
    return { tips: asked, refused: new Map(refused) };
  });
}
