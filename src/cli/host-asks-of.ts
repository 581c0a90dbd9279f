import type { HostHooks } from "../app/hooks/host-hooks.js";
import type { LoadedConfig } from "../config/load.js";
import type { OverlayPlaces } from "../config/overlay-dirs.js";
import { hostHooksOf } from "./host-hooks-of.js";
import { hostProgramsOf } from "./host-programs-of.js";
import { hostReachesOf } from "./host-reaches-of.js";

/** Everything that settings ask of this machine. */
export function hostAsksOf(
  config: LoadedConfig,
  places: OverlayPlaces,
): Pick<HostHooks, "hooks" | "reaches" | "programs"> {
  return {
    hooks: hostHooksOf(config, places),
    reaches: hostReachesOf(config, places),
    programs: hostProgramsOf(config, places),
  };
}
