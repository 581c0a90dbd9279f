import { parseTrashId, TRASH_REFS, trashRefPrefix } from "../../domain/custody/trash.js";
import { baseRef, BASE_REFS, LENT_REFS } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import type { RefStore } from "../ports-trash.js";

/**
 * Removes what was lent to agents and is no longer needed: what the bases of all agents hold anyway, those in the trash
 * included. Where one of them has no base, nobody knows what it borrows, and everything stays.
 */
export async function expireLent(
  deps: Pick<ProjectDeps, "project" | "state" | "history" | "refs" | "trash">,
): Promise<void> {
  const places = [deps.refs, ...(await deps.history.modules()).map(({ refs }) => refs)];
  const lent = await Promise.all(places.map((refs) => refs.list(LENT_REFS.slice(0, -1))));
  if (lent.every((refs) => refs.size === 0) || !(await hasAllBases(deps))) return;
  for (const [position, refs] of places.entries()) {
    const own = lent[position] ?? new Map<string, string>();
    if (own.size > 0) await expireIn(refs, own);
  }
}

async function expireIn(refs: RefStore, lent: ReadonlyMap<string, string>): Promise<void> {
  const bases = [...(await listBases(refs)).values()];
  let over = new Set(lent.keys());
  for (const oid of new Set(bases)) {
    const held = await refs.mergedInto(oid, LENT_REFS.slice(0, -1));
    over = new Set([...over].filter((ref) => held.has(ref)));
  }
  await refs.change([...over].map((ref) => ({ ref, from: lent.get(ref), to: undefined })));
}

/** Those of agents, and of agents in the trash. */
async function listBases(refs: RefStore): Promise<ReadonlyMap<string, string>> {
  const found = await refs.list(BASE_REFS.slice(0, -1), TRASH_REFS);
  return new Map([...found].filter(([ref]) => !ref.startsWith(`${TRASH_REFS}/`) || ref.endsWith("/base")));
}

async function hasAllBases({
  project,
  state,
  refs,
  trash,
}: Pick<ProjectDeps, "project" | "state" | "refs" | "trash">): Promise<boolean> {
  const bases = await listBases(refs);
  const known = await state.known(project);
  const borrowers = await Promise.all(
    known.map(async (agent) => ((await state.inspect(agentPaths(project, agent))).git ? agent : undefined)),
  );
  const entries = (await trash.ids()).map(parseTrashId).filter((name) => name !== undefined);
  return (
    borrowers.every((agent) => agent === undefined || bases.has(baseRef(agent))) &&
    entries.every(({ agent, stamp }) => bases.has(`${trashRefPrefix(agent, stamp)}base`))
  );
}
