import type { AgentRef } from "../domain/agents/agent.js";
import { DEFAULT_SETTINGS, type Settings, type SettingsOf } from "../domain/settings/settings.js";
import { findConfigFile, findOverlayFile, overlayUnknown, unknownOverlayMessage } from "./find.js";
import { isDevcontainer } from "./devcontainer/find-devcontainer.js";
import { type Layer, layerSettings, type Origin } from "./layer.js";
import type { Problem } from "./problems.js";
import type { SourceFile } from "./source-file.js";

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
}

export interface LoadedConfig {
  /** What holds for all agents. */
  readonly settings: Settings;
  /** The same with the overlays that are for one agent alone. */
  readonly settingsOf: SettingsOf;
  /** By key as `flattenSettings` names it. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The files read, lowest layer first. */
  readonly files: readonly string[];
  /** What a devcontainer.json asks for and agents have otherwise: `file:line:col: …`. */
  readonly notes: readonly string[];
}

/** @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const layers: Layer[] = [];
  const files: string[] = [];
  const add = async (source: SourceFile, origin: Origin): Promise<void> => {
    layers.push(await readLayer(source, origin, request.positions === true));
    if (!files.includes(source.path)) files.push(source.path);
  };
  const config = await findConfigFile(request.root, request.configFile);
  if (config !== undefined) await add(config, { source: "file", file: config.shownAs });
  const named = layers[0]?.settings.project?.overlays ?? [];
  const notes: string[] = [];
  for (const [index, overlay] of [...named, ...request.overlays].entries()) {
    if (isDevcontainer(overlay)) {
      const { loadDevcontainer } = await import("./devcontainer/load-devcontainer.js");
      const below = layerSettings(DEFAULT_SETTINGS, layers.filter(isShared)).settings;
      const positions = request.positions === true;
      const found = await loadDevcontainer(overlay, { root: request.root, below, positions });
      layers.push(found.layer);
      files.push(found.file);
      notes.push(...found.notes);
      continue;
    }
    const source = await findOverlayFile(overlay, request.overlayDirs, request.root);
    if (source === undefined) {
      const problem = index < named.length ? await placeOverlay(config, overlay, index) : undefined;
      throw await overlayUnknown(overlay, request.overlayDirs, problem);
    }
    await add(source, { source: "overlay", file: source.shownAs, overlay });
  }
  const shared = layers.filter(isShared);
  const common = layerSettings(DEFAULT_SETTINGS, shared);
  const settingsOf = ({ index }: AgentRef): Settings => {
    const own = layers.filter(({ agent }) => agent === undefined || agent === index);
    return own.length === shared.length ? common.settings : layerSettings(DEFAULT_SETTINGS, own).settings;
  };
  return { ...common, settingsOf, files, notes };
}

function isShared({ agent }: Layer): boolean {
  return agent === undefined;
}

// The parser and the schema are loaded only when there is a file: most projects have none, and start-up counts.
async function readLayer(source: SourceFile, origin: Origin, positions: boolean): Promise<Layer> {
  const { checkFile } = await import("./check.js");
  const { settings, agent } = await checkFile(source, origin.source === "overlay" ? "overlay" : "project");
  if (!positions) return { settings, agent, origin };
  const { createLocate } = await import("./locate.js");
  return { settings, agent, origin, locate: await createLocate(source.text) };
}

/** Where devkit.toml names an overlay that does not exist. */
async function placeOverlay(
  config: SourceFile | undefined,
  name: string,
  index: number,
): Promise<Problem | undefined> {
  if (config === undefined) return undefined;
  const { placeFindings } = await import("./check.js");
  const path = ["project", "overlays", index];
  const [problem] = await placeFindings(config, [
    { path, part: "value", message: unknownOverlayMessage(name) },
  ]);
  return problem;
}
