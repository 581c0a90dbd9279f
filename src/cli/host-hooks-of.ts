import type { HostHook } from "../app/hooks/host-hooks.js";
import { formatOrigin } from "../config/format-origin.js";
import type { LoadedConfig } from "../config/load.js";
import type { OverlayPlaces } from "../config/overlay-dirs.js";
import { isOwnOrigin } from "./is-own-origin.js";

const KEY = "hooks.host";

/**
 * The commands for this machine, each with its origin. What is in the repository, or in a file named by --config, needs
 * to be approved; what the user keeps among their own overlays, and what comes with devkit, does not.
 */
export function hostHooksOf(
  { settings, origins }: Pick<LoadedConfig, "settings" | "origins">,
  places: OverlayPlaces,
): HostHook[] {
  const entries = new Map(origins.get(KEY)?.entries?.map(({ value, origin }) => [value, origin]));
  return settings.hooks.host.map((command) => {
    const origin = entries.get(command);
    return {
      command,
      origin: origin === undefined ? "" : formatOrigin(origin),
      needsTrust: !isOwnOrigin(origin, places),
    };
  });
}
