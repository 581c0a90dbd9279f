import path from "node:path";
import type { HostHook } from "../app/hooks/host-hooks.js";
import { formatOrigin } from "../config/format-origin.js";
import type { LoadedConfig } from "../config/load.js";
import { overlayDirs, type OverlayPlaces } from "../config/overlay-dirs.js";

const KEY = "hooks.host";

/**
 * The commands for this machine, each with its origin. What is in the repository, or in a file named by --config, needs
 * to be approved; what the user keeps among their own overlays, and what comes with devkit, does not.
 */
export function hostHooksOf(
  { settings, origins }: Pick<LoadedConfig, "settings" | "origins">,
  root: string,
  places: OverlayPlaces,
): HostHook[] {
  const [, ...ownDirs] = overlayDirs(places);
  const entries = new Map(origins.get(KEY)?.entries?.map(({ value, origin }) => [value, origin]));
  return settings.hooks.host.map((command) => {
    const origin = entries.get(command);
    const file = path.resolve(root, origin?.file ?? "devkit.toml");
    const isOwn = ownDirs.some((dir) => isInside(file, dir)) && !isInside(file, root);
    return { command, origin: origin === undefined ? "" : formatOrigin(origin), needsTrust: !isOwn };
  });
}

function isInside(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
