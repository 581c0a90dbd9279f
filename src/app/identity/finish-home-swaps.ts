import { toDevkitError, type DevkitError } from "../../base/errors.js";
import { isLive } from "../../domain/agents/observed.js";
import type { HomeSwap } from "../../domain/identity/home-swap.js";
import { findContainer } from "../agents/observe.js";
import type { ProjectDeps } from "../ports.js";

export type SwapNeeds = Pick<ProjectDeps, "project" | "engine" | "homeSwaps" | "locks" | "progress">;

/**
 * Finishes replacements of homes that were cut off. Whoever brings agents up, removes or changes some calls it first,
 * holding the agents' lock. Answers what could not be finished, and why.
 */
export async function finishHomeSwaps(deps: SwapNeeds): Promise<DevkitError[]> {
  const failed: DevkitError[] = [];
  for (const swap of await deps.homeSwaps.pending(deps.project)) {
    const step = deps.progress.step(swap.agent, "finishing what was cut off: another home for it");
    try {
      await finishHomeSwap(deps, swap);
      step.done();
    } catch (error) {
      const known = toDevkitError(error);
      step.fail(known.message);
      failed.push(known);
    }
  }
  return failed;
}

/** Replaces a home, once that is written down. Its container mounts it, so nothing of it may be running. */
export async function finishHomeSwap(deps: SwapNeeds, swap: HomeSwap): Promise<void> {
  const { project, engine, homeSwaps } = deps;
  const container = findContainer(project, await engine.listContainers("agent", project.id), swap.agent);
  if (container !== undefined && isLive(container)) await engine.stopContainer(container.id);
  // What brings commits home mounts the home too.
  await deps.locks.hold(`sync-${swap.agent.name}`, async () => {
    await homeSwaps.putAway(project, swap);
    await homeSwaps.putInPlace(project, swap);
  });
  await homeSwaps.end(project, swap);
}
