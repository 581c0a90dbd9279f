import type { AgentRef } from "../../domain/agents/agent.js";
import { freeStamp, TRASH_REFS, trashId } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";

/** A time for a new entry: neither a removal nor a reset of this agent may share one with another. */
export async function findFreeStamp(
  deps: Pick<ProjectDeps, "refs" | "trash">,
  agent: AgentRef,
  now: Date,
): Promise<string> {
  const own = `${TRASH_REFS}/${agent.name}`;
  const [ids, refs] = await Promise.all([deps.trash.ids(), deps.refs.list(own)]);
  const stamps = new Set([...refs.keys()].map((ref) => ref.slice(own.length + 1).split("/")[0]));
  return freeStamp(now, (stamp) => stamps.has(stamp) || ids.includes(trashId(agent, stamp)));
}
