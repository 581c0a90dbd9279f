import path from "node:path";
import type { Origin } from "../config/layer.js";
import { overlayDirs, type OverlayPlaces } from "../config/overlay-dirs.js";

/**
 * Whether a setting comes from the user's own overlays or from those of devkit; what is in the repository, or in a file
 * named by --config, does not.
 */
export function isOwnOrigin(origin: Origin | undefined, places: OverlayPlaces): boolean {
  const [, ...ownDirs] = overlayDirs(places);
  const file = path.resolve(places.root, origin?.file ?? "devkit.toml");
  return ownDirs.some((dir) => isInside(file, dir)) && !isInside(file, places.root);
}

/** By whole path segments; a directory is inside itself. */
export function isInside(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
