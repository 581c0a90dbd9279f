import type { LayerSettings } from "./layer.js";

export type SettingValue = string | number | boolean | readonly string[] | undefined;

export interface SettingLeaf {
  readonly path: readonly string[];
  readonly value: SettingValue;
}

/** Every setting by its dotted key (`container.env.TZ` for a variable), in the order of `Settings`, variables by name. */
export function flattenSettings(settings: LayerSettings): [key: string, value: SettingValue][] {
  return settingLeaves(settings).map(({ path, value }) => [path.join("."), value]);
}

/** The same with paths instead of dotted keys. */
export function settingLeaves(settings: LayerSettings): SettingLeaf[] {
  return Object.entries(settings).flatMap(([table, entries]) =>
    Object.entries(
      entries as Readonly<Record<string, SettingValue | Readonly<Record<string, string>>>>,
    ).flatMap(([key, value]) => leavesOf([table, key], value)),
  );
}

function leavesOf(
  path: readonly string[],
  value: SettingValue | Readonly<Record<string, string>>,
): SettingLeaf[] {
  if (!isVariables(value)) return [{ path, value }];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => ({ path: [...path, name], value: text }));
}

/** Whether a setting is a table of its own: layers merge it by name. */
export function isVariables(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
