import type { Settings } from "../domain/settings/settings.js";
import { flattenSettings, settingLeaves } from "./flatten.js";
import type { Locate } from "./locate.js";

/** What one file sets. */
export type LayerSettings = { readonly [T in keyof Settings]?: Partial<Settings[T]> };

/** Where the effective value of one setting comes from. */
export interface Origin {
  readonly source: "default" | "file" | "overlay";
  readonly file?: string;
  /** Only when positions were asked for. */
  readonly line?: number;
  readonly column?: number;
  readonly overlay?: string;
  /** Lower layers that a concatenated list (`image.packages`) also holds entries of. */
  readonly also?: readonly Origin[];
}

export interface Layer {
  readonly settings: LayerSettings;
  readonly origin: Origin;
  readonly locate?: Locate | undefined;
}

export interface LayeredSettings {
  readonly settings: Settings;
  /** By key as `flattenSettings` names it. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Puts layers on top of the defaults, later ones winning. Variables merge by name, packages add up. */
export function layerSettings(defaults: Settings, layers: readonly Layer[]): LayeredSettings {
  const origins = new Map<string, Origin>();
  for (const [key] of flattenSettings(defaults)) origins.set(key, { source: "default" });
  let settings = defaults;
  for (const layer of layers) {
    addOrigins(origins, settings, layer);
    settings = addLayer(settings, layer.settings);
  }
  return { settings, origins };
}

function addLayer(
  below: Settings,
  { project, worktrees, image, container, custody, workspace }: LayerSettings,
): Settings {
  return {
    project: { ...below.project, ...project },
    worktrees: { ...below.worktrees, ...worktrees },
    image: {
      ...below.image,
      ...image,
      packages: [...new Set([...below.image.packages, ...(image?.packages ?? [])])],
    },
    container: {
      ...below.container,
      ...container,
      env: { ...below.container.env, ...container?.env },
    },
    custody: { ...below.custody, ...custody },
    workspace: { ...below.workspace, ...workspace },
  };
}

function addOrigins(origins: Map<string, Origin>, below: Settings, layer: Layer): void {
  for (const { path } of settingLeaves(layer.settings)) {
    const key = path.join(".");
    const origin = { ...layer.origin, ...layer.locate?.(path, "key") };
    if (key !== "image.packages") origins.set(key, origin);
    else addPackagesOrigin(origins, below.image.packages, layer.settings.image?.packages ?? [], origin);
  }
}

function addPackagesOrigin(
  origins: Map<string, Origin>,
  below: readonly string[],
  added: readonly string[],
  origin: Origin,
): void {
  const previous = origins.get("image.packages");
  const brings = added.some((name) => !below.includes(name));
  if (previous === undefined || below.length === 0) origins.set("image.packages", origin);
  else if (brings) {
    const { also = [], ...last } = previous;
    origins.set("image.packages", { ...origin, also: [...also, last] });
  }
}
