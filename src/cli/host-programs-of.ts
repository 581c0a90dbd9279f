import type { HostHook } from "../app/hooks/host-hooks.js";
import { shellWord } from "../base/shell-word.js";
import { formatOrigin } from "../config/format-origin.js";
import type { LoadedConfig } from "../config/load.js";
import type { OverlayPlaces } from "../config/overlay-dirs.js";
import { isOwnOrigin } from "./is-own-origin.js";

/**
 * What files of the repository say of the program that `agent spawn --runtime host` runs on this machine: in a container
 * that is nobody's business but the agent's.
 */
export function hostProgramsOf({ layers }: Pick<LoadedConfig, "layers">, places: OverlayPlaces): HostHook[] {
  return layers
    .filter(({ origin }) => !isOwnOrigin(origin, places))
    .flatMap(({ settings: { agent }, origin }): HostHook[] => {
      if (agent?.command === undefined && agent?.args === undefined) return [];
      const words = [agent.command ?? "(the program)", ...(agent.args ?? [])].map(shellWord);
      const command = `agent spawn --runtime host: ${words.join(" ")}`;
      return [{ command, origin: formatOrigin(origin), needsTrust: true }];
    });
}
