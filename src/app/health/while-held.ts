import type { SpawnDeps } from "../agents/spawn-deps.js";
import { findPresent, type Present } from "./find-present.js";

/** Looks at agents again, and acts by that while nobody makes or removes any. */
export async function whileHeld(deps: SpawnDeps, work: (present: Present) => Promise<void>): Promise<void> {
  await deps.state.prepare(deps.project);
  await deps.locks.hold("agents", async () => {
    // Names given since this process began.
    deps.project.roster = deps.loadRoster();
    await work(await findPresent(deps));
  });
}
