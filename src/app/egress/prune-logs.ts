import { parseTrashId } from "../../domain/custody/trash.js";
import { isOldLog } from "../../domain/egress/judge-log.js";
import { egressPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

export interface OldLog {
  /** The agent's name. */
  readonly owner: string;
  readonly bytes: number;
  readonly removed: boolean;
}

type Needs = Pick<ProjectDeps, "project" | "egress" | "state" | "trash" | "locks">;

/** Logs that the own egress of agents has left which have long been gone, and with `apply` removes them. */
export async function pruneLogs(
  deps: Needs,
  { apply, now }: { readonly apply: boolean; readonly now: Date },
): Promise<OldLog[]> {
  if (!apply) return (await findOld(deps, now)).map((one) => ({ ...one, removed: false }));
  await deps.state.prepare(deps.project);
  // Nobody comes under that name meanwhile.
  return deps.locks.hold("agents", async () => {
    const removed: OldLog[] = [];
    for (const one of await findOld(deps, now)) {
      await deps.egress.removeLog(egressPaths(deps.project, { index: 0, name: one.owner }));
      removed.push({ ...one, removed: true });
    }
    return removed;
  });
}

async function findOld(
  { project, egress, state, trash }: Needs,
  now: Date,
): Promise<Omit<OldLog, "removed">[]> {
  const [owners, known, ids] = await Promise.all([egress.listOwners(), state.known(project), trash.ids()]);
  const needed = new Set(known.map(({ name }) => name));
  for (const id of ids) needed.add(parseTrashId(id)?.agent.name ?? "");
  const found: Omit<OldLog, "removed">[] = [];
  for (const owner of owners) {
    const log = await egress.describeLog(egressPaths(project, { index: 0, name: owner }));
    if (log === undefined) continue;
    const ageMs = now.getTime() - log.lastMs;
    if (isOldLog({ isNeeded: needed.has(owner), ageMs })) found.push({ owner, bytes: log.bytes });
  }
  return found;
}
