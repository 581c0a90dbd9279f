import type { AgentRef } from "../../domain/agents/agent.js";
import { parseTrashId, trashRefPrefix } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";
import { modulePlaces, primaryPlace } from "./ref-places.js";

/** Removes for good what is in the trash of an agent; the caller knows that nobody needs it. */
export async function discardEntry(
  deps: Pick<ProjectDeps, "trash" | "refs" | "worktrees" | "history" | "locks">,
  { id, agent }: { readonly id: string; readonly agent: Pick<AgentRef, "name"> },
): Promise<void> {
  const prefix = trashRefPrefix(agent, parseTrashId(id)?.stamp ?? "").slice(0, -1);
  for (const { refs } of [...(await modulePlaces(deps)), primaryPlace(deps)]) {
    const left = await refs.list(prefix);
    await refs.change([...left].map(([ref, from]) => ({ ref, from, to: undefined })));
  }
  // After them: as long as it is there, somebody can find that it is to go.
  await deps.trash.remove(id);
  // Agents of runs never come back under their names: a file for each would stay.
  await deps.locks.forget(`sync-${agent.name}`);
}
