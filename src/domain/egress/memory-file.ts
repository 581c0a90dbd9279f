import { PROFILES, type Profile } from "../settings/profiles.js";
import { formatHostPattern, parseHostPattern } from "./host-pattern.js";
import type { GrantOrigin, PolicyEntry } from "./policy.js";
import { isPresetName } from "./presets.js";

/** What was last read from the settings, as commands that change a rule since then need it. */
export interface RememberedPolicy {
  readonly entries: readonly PolicyEntry[];
  /** Names that may point at private addresses. */
  readonly private: readonly string[];
  /** Agent name → its profiles. */
  readonly profiles: ReadonlyMap<string, readonly Profile[]>;
}

/** Text that `parseMemory` reads. */
export function formatMemory({ entries, private: privateNames, profiles }: RememberedPolicy): string {
  const hosts = entries.map(({ pattern, origin }) => ({ host: formatHostPattern(pattern), ...origin }));
  return `${JSON.stringify({ version: 1, entries: hosts, private: privateNames, profiles: Object.fromEntries(profiles) }, null, 2)}\n`;
}

/** What is not understood is left out: nothing is allowed by it, and the next `agent up` writes it anew. */
export function parseMemory(text: string): RememberedPolicy {
  const document = asObject(tryJson(text));
  const entries = Array.isArray(document["entries"]) ? document["entries"].flatMap(readEntry) : [];
  const profiles = Object.entries(asObject(document["profiles"])).map(
    ([agent, names]) =>
      [agent, PROFILES.filter((one) => Array.isArray(names) && names.includes(one))] as const,
  );
  const names = Array.isArray(document["private"]) ? document["private"].filter(isPlainName) : [];
  return { entries, private: names, profiles: new Map(profiles) };
}

function readEntry(value: unknown): PolicyEntry[] {
  const { host, place, preset } = asObject(value);
  const parsed = typeof host === "string" ? parseHostPattern(host) : undefined;
  if (parsed?.ok !== true) return [];
  const where = typeof place === "string" ? place : "";
  const known = typeof preset === "string" && isPresetName(preset) ? { preset } : {};
  const origin: GrantOrigin = { from: "settings", place: where, ...known };
  return [{ pattern: parsed.pattern, origin }];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPlainName(value: unknown): value is string {
  const parsed = typeof value === "string" ? parseHostPattern(value) : undefined;
  return parsed?.ok === true && !parsed.pattern.wildcard;
}
