import type { AgentRef } from "../../domain/agents/agent.js";
import { freeStamp, TRASH_REFS, trashId } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";

/** A time for a new entry: neither a removal nor a reset of this agent may share one with another. */
export async function findFreeStamp(
  deps: Pick<ProjectDeps, "refs" | "history" | "trash">,
  agent: AgentRef,
  now: Date,
): Promise<string> {
  const own = `${TRASH_REFS}/${agent.name}`;
  // In submodules as well: what has the same time is taken for parts of one removal, and goes with it.
  const places = [deps.refs, ...(await deps.history.modules()).map(({ refs }) => refs)];
  const [ids, ...found] = await Promise.all([deps.trash.ids(), ...places.map((refs) => refs.list(own))]);
  const names = found.flatMap((refs) => [...refs.keys()]);
  const stamps = new Set(names.map((ref) => ref.slice(own.length + 1).split("/")[0]));
  return freeStamp(now, (stamp) => stamps.has(stamp) || ids.includes(trashId(agent, stamp)));
}
