import { once } from "../../base/once.js";
import { tolerantEngine } from "../agents/tolerant-engine.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { Engine } from "../ports-engine.js";
import { needsNoEngine } from "./check-engine.js";
import type { Looking } from "./check.js";
import { findPresent } from "./find-present.js";
import { timelyEngine } from "./timely-engine.js";

export interface LookingNeeds extends Omit<Looking, "engineInfo" | "project" | "present"> {
  engine(this: void): Promise<Engine>;
  spawning(this: void): Promise<SpawnDeps>;
  /** How long the engine is waited for. */
  readonly engineMs?: number;
}

/** What checks look with once; it remembers what it saw. */
export function createLooking(needs: LookingNeeds): Looking {
  const { engine, spawning, engineMs, ...rest } = needs;
  const timely = once(async () => timelyEngine(await engine(), engineMs));
  const project = once(async () => {
    const [deps, { engine: asked }] = await Promise.all([spawning(), timely()]);
    return { ...deps, engine: tolerantEngine(asked, () => needsNoEngine(deps)) };
  });
  return {
    ...rest,
    project,
    engineInfo: async () => (await timely()).info(),
    present: once(async () => findPresent(await project())),
  };
}
