import type { CollectedLayers } from "./collect-layers.js";
import { overlayUnknown } from "./find.js";
import type { ConfigRequest } from "./load.js";
import { createOverlayStack } from "./overlay-stack.js";
import type { Overlay } from "./read-overlay.js";

/**
 * One overlay with those it extends, as if nothing else were in force.
 * @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN
 */
export async function collectOverlay(
  request: ConfigRequest,
  name: string,
): Promise<CollectedLayers & { readonly overlay: Overlay }> {
  const { find, add, layers, files, notes } = createOverlayStack(request);
  const overlay = await find(name);
  if (overlay === undefined) throw await overlayUnknown(name, request.overlayDirs, undefined);
  await add(overlay);
  return { overlay, layers, files, notes };
}
