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
  /** Of a list that layers add to: each entry with the layer that brought it first. */
  readonly entries?: readonly EntryOrigin[];
}

export interface EntryOrigin {
  readonly value: string;
  readonly origin: Origin;
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

/** Lists that layers add to instead of replacing them. */
type AddingKey = "image.packages" | "egress.allow" | "egress.private";

/** Puts layers on top of the defaults, later ones winning. Variables merge by name, some lists add up. */
export function layerSettings(defaults: Settings, layers: readonly Layer[]): LayeredSettings {
  const origins = new Map<string, Origin>();
  for (const [key] of flattenSettings(defaults)) origins.set(key, { source: "default" });
  let settings = defaults;
  for (const layer of layers) {
    addOrigins(origins, layer);
    settings = addLayer(settings, layer.settings);
  }
  return { settings, origins };
}

function addLayer(
  below: Settings,
  { project, worktrees, image, container, egress, custody, workspace }: LayerSettings,
): Settings {
  return {
    project: { ...below.project, ...project },
    worktrees: { ...below.worktrees, ...worktrees },
    image: {
      ...below.image,
      ...image,
      packages: union(below.image.packages, image?.packages),
    },
    container: {
      ...below.container,
      ...container,
      env: { ...below.container.env, ...container?.env },
    },
    egress: {
      ...below.egress,
      ...egress,
      allow: union(below.egress.allow, egress?.allow),
      private: union(below.egress.private, egress?.private),
    },
    custody: { ...below.custody, ...custody },
    workspace: { ...below.workspace, ...workspace },
  };
}

function union(below: readonly string[], added: readonly string[] = []): readonly string[] {
  return [...new Set([...below, ...added])];
}

function addOrigins(origins: Map<string, Origin>, layer: Layer): void {
  for (const { path, value } of settingLeaves(layer.settings)) {
    const key = path.join(".");
    const origin = { ...layer.origin, ...layer.locate?.(path, "key") };
    origins.set(
      key,
      isAdding(key) ? addEntries(origins.get(key), layer, path, origin, value as readonly string[]) : origin,
    );
  }
}

function isAdding(key: string): key is AddingKey {
  const keys: Readonly<Record<AddingKey, true>> = {
    "image.packages": true,
    "egress.allow": true,
    "egress.private": true,
  };
  return Object.hasOwn(keys, key);
}

/** The origin of the whole list is the highest layer that brings something new. */
function addEntries(
  below: Origin | undefined,
  layer: Layer,
  path: readonly string[],
  origin: Origin,
  added: readonly string[],
): Origin {
  const entries = new Map(below?.entries?.map((entry) => [entry.value, entry]));
  const before = entries.size;
  for (const [index, value] of added.entries()) {
    const place = { ...layer.origin, ...layer.locate?.([...path, index], "value") };
    if (!entries.has(value)) entries.set(value, { value, origin: place });
  }
  if (entries.size === before && before > 0) return below ?? origin;
  return entries.size === 0 ? origin : { ...origin, entries: [...entries.values()] };
}
