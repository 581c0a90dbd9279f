import type { MountSpec } from "../custody/mounts.js";
import type { Tool } from "../tools/tool.js";

/** What the settings add to a container, checked and resolved. */
export interface SpecExtras {
  readonly mounts: readonly MountSpec[];
  /** Variables of `env_file`. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the overlays it is made with, in the order in which they are applied. */
  readonly overlays: readonly string[];
  /** Settings files of programs that new homes get copies of; no part of the container. */
  readonly toolConfigs?: Readonly<Partial<Record<Tool, string>>>;
}
