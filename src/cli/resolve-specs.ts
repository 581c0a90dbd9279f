import type { SpecContext } from "../app/agents/spec.js";
import type { AgentImage } from "../app/images/agent-image.js";
import type { ImageNeeds } from "../app/images/base-image.js";
import type { ProjectDeps } from "../app/ports.js";
import type { AgentRef } from "../domain/agents/agent.js";
import type { ContainerSpec } from "../domain/agents/container-spec.js";
import type { SettingsOf } from "../domain/settings/settings.js";

/** The container that an agent should have; what its settings add only where that is given. */
export type ResolvedSpecs = (agent: AgentRef, extrasOf?: SpecContext["extrasOf"]) => Promise<ContainerSpec>;

/** Looks at networks and ports once, and at each image once; builds none. */
export async function resolveSpecs(
  needs: ImageNeeds,
  deps: ProjectDeps,
  settingsOf: SettingsOf,
): Promise<ResolvedSpecs> {
  const [{ resolveImage }, { specFor }, { findSlot, observeEgress }, { loadKnownBlocks }] = await Promise.all(
    [
      import("../app/images/agent-image.js"),
      import("../app/agents/spec.js"),
      import("../app/egress/observe-egress.js"),
      import("../app/ports/list-ports.js"),
    ],
  );
  const [objectDirs, egress, blockOf] = await Promise.all([
    deps.history.objectDirs(),
    observeEgress(deps),
    // Whoever has to know tells what is wrong with the registry.
    loadKnownBlocks(deps, () => undefined),
  ]);
  const images = new Map<string, Promise<AgentImage>>();
  const imageFor = (agent: AgentRef): Promise<AgentImage> => {
    const { image } = settingsOf(agent);
    const key = JSON.stringify(image);
    const found = images.get(key) ?? resolveImage(needs, image, { build: false });
    images.set(key, found);
    return found;
  };
  const slotOf = (agent: AgentRef) => findSlot(egress, agent);
  return async (agent, extrasOf) => {
    const image = await imageFor(agent);
    const context = {
      deps,
      host: needs.host,
      settingsOf,
      imageOf: () => image,
      objectDirs,
      slotOf,
      blockOf,
      extrasOf,
    };
    return specFor(context, agent);
  };
}
