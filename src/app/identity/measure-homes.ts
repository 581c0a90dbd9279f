import { agentPaths } from "../../domain/identity/project.js";
import type { HomeSize } from "../ports-homes.js";
import type { ProjectDeps } from "../ports.js";

/** What all homes together may take of the time of a command that shows their size besides. */
const PATIENCE_MS = 120;

/** Sizes of homes by agent name. Side by side, so that a huge one does not take the others' share of the time. */
export async function measureHomes({
  project,
  state,
  homeCare,
}: Pick<ProjectDeps, "project" | "state" | "homeCare">): Promise<ReadonlyMap<string, HomeSize>> {
  const known = await state.known(project);
  const deadline = performance.now() + PATIENCE_MS;
  const found = await Promise.all(
    known.map(async (agent): Promise<[string, HomeSize][]> => {
      const size = await homeCare.measure(agentPaths(project, agent), deadline);
      return size === undefined ? [] : [[agent.name, size]];
    }),
  );
  return new Map(found.flat());
}
