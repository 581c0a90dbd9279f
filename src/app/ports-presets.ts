import type { AskedPreset, PresetAnswer } from "../domain/egress/presets.js";

/** Knows what this user's package managers download from. */
export interface Registries {
  /** Never fails: what could not be found out is a note of the answer. */
  ask(preset: AskedPreset, signal: AbortSignal): Promise<PresetAnswer>;
}
