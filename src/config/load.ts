import type { AgentRef } from "../domain/agents/agent.js";
import { DEFAULT_SETTINGS, type Settings, type SettingsOf } from "../domain/settings/settings.js";
import { collectLayers } from "./collect-layers.js";
import { type Layer, layerSettings, layersOf, type Origin } from "./layer.js";
import type { Variables } from "./interpolate.js";

export interface ConfigRequest {
  /** The primary's root. */
  readonly root: string;
  /** Read instead of `<root>/devkit.toml`; must exist. */
  readonly configFile?: string | undefined;
  /** Overlays of `-p`, applied after those of the file. */
  readonly overlays: readonly string[];
  readonly overlayDirs: readonly string[];
  /** Whether origins have lines and columns, which costs loading a second parser. */
  readonly positions?: boolean;
  /** What variables in settings stand for; see `settingVariables`. */
  readonly variables: Variables;
  /** The user's home directory. */
  readonly home: string;
}

export interface LoadedConfig {
  /** What holds for all agents. */
  readonly settings: Settings;
  /** The same with the overlays that are for one agent alone. */
  readonly settingsOf: SettingsOf;
  /** By key as `flattenSettings` names it. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** All that is in force, lowest first. */
  readonly layers: readonly Layer[];
  /** The files read, lowest layer first. */
  readonly files: readonly string[];
}

/** @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const { layers, files } = await collectLayers(request);
  const shared = layersOf(layers, undefined);
  const common = layerSettings(DEFAULT_SETTINGS, shared);
  const settingsOf = ({ index }: AgentRef): Settings => {
    const own = layersOf(layers, index);
    return own.length === shared.length ? common.settings : layerSettings(DEFAULT_SETTINGS, own).settings;
  };
  return { ...common, settingsOf, layers, files };
}
