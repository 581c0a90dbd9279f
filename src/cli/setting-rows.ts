import type { SettingValue } from "../config/flatten.js";
import { formatOrigin } from "../config/format-origin.js";
import type { Origin } from "../config/layer.js";
import type { Settings } from "../domain/settings/settings.js";

export interface SettingRow {
  readonly key: string;
  readonly value: Exclude<SettingValue, undefined> | null;
  /** As devkit.toml would have it. */
  readonly shown: string;
  readonly origin: Origin;
}

/** Every setting with where it comes from. */
export async function toSettingRows(
  settings: Settings,
  origins: ReadonlyMap<string, Origin>,
): Promise<SettingRow[]> {
  const [{ flattenSettings }, { formatSetting }] = await Promise.all([
    import("../config/flatten.js"),
    import("../config/format-setting.js"),
  ]);
  return flattenSettings(settings).map(([key, value]) => ({
    key,
    value: value ?? null,
    shown: formatSetting(key, value),
    origin: origins.get(key) ?? { source: "default" },
  }));
}

/** Cells of one setting; a list that several layers may add to has a line for each entry. */
export function originRows({ key, shown, origin }: SettingRow): string[][] {
  if (origin.entries === undefined) return [[key, shown, formatOrigin(origin)]];
  return origin.entries.map((entry) => [key, JSON.stringify(entry.value), formatOrigin(entry.origin)]);
}
