import { homedir } from "node:os";
import path from "node:path";
import type { OverlayPlaces } from "../config/overlay-dirs.js";

/** The package's own directory, above `dist` or `src/cli`. */
export const PACKAGE_DIR = path.resolve(
  import.meta.dirname,
  import.meta.dirname.endsWith("/src/cli") ? "../.." : "..",
);

/** A directory of the user's by its variable, or its default below their home. */
export function xdg(variable: string, fallback: string): string {
  const value = process.env[variable];
  return value !== undefined && path.isAbsolute(value) ? value : path.join(homedir(), fallback);
}

/** Where the overlays of a project with this root are. */
export function overlayPlaces(root: string): OverlayPlaces {
  const configHome = xdg("XDG_CONFIG_HOME", ".config");
  return { root, configHome, shippedDir: path.join(PACKAGE_DIR, "overlays") };
}
