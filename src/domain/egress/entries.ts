import { parseAllowEntry } from "./allow-entry.js";
import { parseHostPattern } from "./host-pattern.js";
import type { PolicyEntry } from "./policy.js";
import { isAskedPreset, presetList, type AskedPreset, type PresetAnswer } from "./presets.js";

/** An entry of `[egress] allow` as the settings have it, and where it is written. */
export interface AllowedText {
  readonly text: string;
  readonly place: string;
}

/** The presets among these entries that somebody has to be asked about, each once. */
export function askedPresets(allow: readonly string[]): AskedPreset[] {
  const presets = allow.map(parseAllowEntry).flatMap((parsed) => {
    return parsed.ok && parsed.entry.kind === "preset" && isAskedPreset(parsed.entry.preset)
      ? [parsed.entry.preset]
      : [];
  });
  return [...new Set(presets)];
}

/** The names that the settings allow. A preset that was not answered for stands for none. */
export function policyEntries(
  allow: readonly AllowedText[],
  answers: ReadonlyMap<AskedPreset, PresetAnswer>,
): PolicyEntry[] {
  return allow.flatMap(({ text, place }): PolicyEntry[] => {
    const parsed = parseAllowEntry(text);
    if (!parsed.ok) return [];
    const { entry } = parsed;
    if (entry.kind === "host") return [{ pattern: entry.pattern, origin: { from: "settings", place } }];
    const { preset } = entry;
    const hosts = isAskedPreset(preset) ? (answers.get(preset)?.hosts ?? []) : presetList(preset);
    return hosts.flatMap((host) => {
      const parsedHost = parseHostPattern(host);
      return parsedHost.ok
        ? [{ pattern: parsedHost.pattern, origin: { from: "settings", place, preset } }]
        : [];
    });
  });
}
