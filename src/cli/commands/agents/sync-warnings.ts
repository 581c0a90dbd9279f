import type { ListedAgent } from "../../../app/agents/list.js";
import type { Reporter } from "../../../output/reporter.js";

/** A list still lists when an agent's commits could not come home; this says so. */
export function warnAboutSync(agents: readonly ListedAgent[], reporter: Reporter): void {
  for (const { agent, sync, syncError } of agents) {
    if (syncError !== undefined)
      reporter.warn(`${agent.name}: its commits could not come home: ${syncError.message}`);
    if (sync?.unreadable === true) reporter.warn(`${agent.name}: its private git dir has no readable HEAD`);
    for (const { ref, reason } of sync?.refused ?? []) {
      reporter.warn(`${agent.name}: ${ref} cannot come home: ${reason}`);
    }
    for (const { ref } of sync?.diverged ?? []) {
      reporter.warn(
        `${agent.name}: ${ref} differs on the host and in the agent; see: devkit agent sync ${String(agent.index)}`,
      );
    }
  }
}
