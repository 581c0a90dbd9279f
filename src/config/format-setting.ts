import type { SettingValue } from "./flatten.js";

const SIZES: ReadonlySet<string> = new Set(["container.memory", "container.tmp", "budget.memory"]);

/** A setting's value as devkit.toml would have it: `"4g"`, `["jq"]`. `unset` when it has none. */
export function formatSetting(key: string, value: SettingValue): string {
  if (value === undefined) return "unset";
  if (typeof value === "number") return SIZES.has(key) ? formatText(formatBytes(value)) : String(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return formatText(value);
  return `[${value.map(formatText).join(", ")}]`;
}

/** JSON's escapes are TOML's too; what JSON leaves as it is but a terminal acts on is escaped as well. */
function formatText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The shortest size that is exactly this many bytes. */
function formatBytes(bytes: number): string {
  for (const [unit, factor] of [
    ["g", 1024 ** 3],
    ["m", 1024 ** 2],
    ["k", 1024],
  ] as const) {
    if (bytes > 0 && bytes % factor === 0) return `${String(bytes / factor)}${unit}`;
  }
  return String(bytes);
}
