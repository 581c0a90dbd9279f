import { DevkitError } from "../../base/errors.js";
import { isLive } from "../../domain/agents/observed.js";
import { parseTrashId, trashId } from "../../domain/custody/trash.js";
import type { KeptHome } from "../../domain/identity/home-swap.js";
import { agentPaths } from "../../domain/identity/project.js";
import { observePresent } from "../agents/observe.js";
import { requireAgent } from "../agents/select.js";
import { finishTrash } from "../custody/finish-trash.js";
import { findFreeStamp } from "../custody/free-stamp.js";
import { noteRenewals } from "../logins/note-renewals.js";
import type { ProjectDeps } from "../ports.js";
import { finishHomeSwap } from "./finish-home-swaps.js";

/** Homes in the trash that were replaced, the newest first. */
export async function listHomes({
  project,
  homeSwaps,
  trash,
}: Pick<ProjectDeps, "project" | "homeSwaps" | "trash">): Promise<{ home: KeptHome; bytes: number }[]> {
  const kept = await homeSwaps.kept(project);
  return Promise.all(kept.map(async (home) => ({ home, bytes: await trash.size(home.id) })));
}

export interface RestoredHome {
  readonly home: KeptHome;
  /** What the home that it replaced is called in the trash. */
  readonly replaced: string;
}

/**
 * Gives an agent an earlier home back, by its id in the trash; the present one goes there. Undefined: no home there has
 * that id. @throws DevkitError E_AGENT_UNKNOWN, E_AGENT_BUSY
 */
export async function restoreHome(
  deps: ProjectDeps,
  id: string,
  now: Date,
): Promise<RestoredHome | undefined> {
  if (parseTrashId(id) === undefined) return undefined;
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    const home = (await deps.homeSwaps.kept(deps.project)).find((one) => one.id === id);
    if (home === undefined) return undefined;
    const { agent, container } = requireAgent(home.agent.name, await observePresent(deps));
    if (container !== undefined && isLive(container)) {
      throw new DevkitError("E_AGENT_BUSY", `${agent.name} runs, with the home that it has now`, {
        hint: `stop it first: devkit agent down ${String(agent.index)}; then: devkit agent restore ${id}`,
        details: { agent: agent.name, id },
      });
    }
    await noteRenewals(deps, agent);
    const replaced = trashId(agent, await findFreeStamp(deps, agent, now));
    const swap = { id: replaced, agent, next: { trash: id } };
    await deps.homeSwaps.begin(agentPaths(deps.project, agent), swap);
    await finishHomeSwap(deps, swap);
    return { home, replaced };
  });
}
