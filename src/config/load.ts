import type { AgentRef } from "../domain/agents/agent.js";
import { DEFAULT_SETTINGS, type Settings, type SettingsOf } from "../domain/settings/settings.js";
import { collectLayers } from "./collect-layers.js";
import { type Layer, type LayeredSettings, layerSettings, layersOf, type Origin } from "./layer.js";
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
  /** Names of the overlays that hold for one agent, in the order in which they are applied. */
  readonly overlaysOf: (agent: AgentRef) => readonly string[];
  /** `origins` with the overlays that are for one agent alone. */
  readonly originsOf: (agent: AgentRef) => ReadonlyMap<string, Origin>;
  /** By key as `flattenSettings` names it. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** All that is in force, lowest first. */
  readonly layers: readonly Layer[];
  /** The files read, lowest layer first. */
  readonly files: readonly string[];
  /** What a devcontainer.json asks for and agents have otherwise: `file:line:col: …`. */
  readonly notes: readonly string[];
}

/** @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const { layers, files, notes } = await collectLayers(request);
  const shared = layersOf(layers, undefined);
  const common = layerSettings(DEFAULT_SETTINGS, shared);
  const layeredFor = ({ index }: AgentRef): LayeredSettings => {
    const own = layersOf(layers, index);
    return own.length === shared.length ? common : layerSettings(DEFAULT_SETTINGS, own);
  };
  return {
    ...common,
    settingsOf: (agent) => layeredFor(agent).settings,
    originsOf: (agent) => layeredFor(agent).origins,
    overlaysOf: ({ index }) => [
      ...new Set(layersOf(layers, index).flatMap(({ origin }) => origin.overlay ?? [])),
    ],
    layers,
    files,
    notes,
  };
}
