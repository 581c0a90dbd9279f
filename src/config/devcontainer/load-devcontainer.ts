import type { Settings } from "../../domain/settings/settings.js";
import type { Layer } from "../layer.js";
import { requireDevcontainer } from "./find-devcontainer.js";
import { readDevcontainer } from "./read-devcontainer.js";

export interface LoadedDevcontainer {
  readonly layer: Layer;
  readonly file: string;
  readonly notes: readonly string[];
}

/** The repository's devcontainer.json as a layer on top of `below`. @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN */
export async function loadDevcontainer(
  overlay: string,
  { root, below, positions }: { root: string; below: Settings; positions: boolean },
): Promise<LoadedDevcontainer> {
  const source = await requireDevcontainer(overlay, root);
  const { settings, locate, notes } = await readDevcontainer(source, { root, below, env: process.env });
  const origin = { source: "overlay", file: source.shownAs, overlay } as const;
  const layer = { settings, agent: undefined, origin, ...(positions ? { locate } : {}) };
  return { layer, file: source.path, notes };
}
