import type { Settings } from "../domain/settings/settings.js";
import { flattenSettings, isVariables, settingLeaves, type SettingValue } from "./flatten.js";
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
  /** The index of the one agent it is for. */
  readonly agent: number | undefined;
  readonly origin: Origin;
  readonly locate?: Locate | undefined;
  /** Names of the user's variables that it puts into settings. */
  readonly variables?: readonly string[];
}

export interface LayeredSettings {
  readonly settings: Settings;
  /** By key as `flattenSettings` names it. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Lists that layers add to instead of replacing them. */
const ADDING: ReadonlySet<string> = new Set<DottedKey>([
  "image.packages",
  "image.npm",
  "container.env_file",
  "container.mounts",
  "egress.allow",
  "egress.private",
  "caches.use",
  "hooks.on_create",
  "hooks.on_start",
  "hooks.warm",
  "hooks.maintain",
  "hooks.host",
  "ports.publish",
  "agent.pass_env",
  "ssh.known_hosts",
  "check.list",
]);

type DottedKey = { [T in keyof Settings]: `${T}.${Extract<keyof Settings[T], string>}` }[keyof Settings];

/** Puts layers on top of the defaults, later ones winning. Variables merge by name, some lists add up. */
export function layerSettings(defaults: Settings, layers: readonly Layer[]): LayeredSettings {
  const origins = new Map<string, Origin>();
  for (const [key] of flattenSettings(defaults)) origins.set(key, { source: "default" });
  let settings = defaults;
  for (const layer of layers) {
    addOrigins(origins, layer);
    settings = mapTables(settings, layer.settings);
  }
  return { settings, origins };
}

/** Those that hold for an agent, or those that hold for all. */
export function layersOf(layers: readonly Layer[], index: number | undefined): readonly Layer[] {
  return layers.filter(({ agent }) => agent === undefined || agent === index);
}

type Table = Readonly<Record<string, SettingValue | Readonly<Record<string, string>>>>;

function mapTables(below: Settings, above: LayerSettings): Settings {
  const tables = Object.entries(below).map(([table, settings]) => {
    return [table, addTable(table, settings as Table, above[table as keyof Settings] ?? {})];
  });
  return Object.fromEntries(tables) as Settings;
}

function addTable(table: string, below: Table, above: Table): Table {
  const added = Object.entries(above).map(([key, value]) => {
    const before = below[key];
    if (ADDING.has(`${table}.${key}`))
      return [key, union(before as readonly string[], value as readonly string[])];
    return [key, isVariables(value) ? { ...(before as Readonly<Record<string, string>>), ...value } : value];
  });
  return { ...below, ...Object.fromEntries(added) } as Table;
}

function union(below: readonly string[], added: readonly string[]): readonly string[] {
  return [...new Set([...below, ...added])];
}

function addOrigins(origins: Map<string, Origin>, layer: Layer): void {
  for (const { path, value } of settingLeaves(layer.settings)) {
    const key = path.join(".");
    const origin = { ...layer.origin, ...layer.locate?.(writtenPath(path), "key") };
    origins.set(
      key,
      ADDING.has(key)
        ? addEntries(origins.get(key), layer, path, origin, value as readonly string[])
        : origin,
    );
  }
}

/** A list of tables has no name of its own in the file. */
function writtenPath(path: readonly string[]): readonly string[] {
  return path[0] === "check" ? path.slice(0, 1) : path;
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
    const place = { ...layer.origin, ...layer.locate?.([...writtenPath(path), index], "value") };
    if (!entries.has(value)) entries.set(value, { value, origin: place });
  }
  if (entries.size === before && before > 0) return below ?? origin;
  return entries.size === 0 ? origin : { ...origin, entries: [...entries.values()] };
}
