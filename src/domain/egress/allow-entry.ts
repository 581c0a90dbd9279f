import { formatHostPattern, formatHostProblem, parseHostPattern, type HostPattern } from "./host-pattern.js";
import { isPresetName, PRESETS, type PresetName } from "./presets.js";
import { showText } from "../../base/show-text.js";

/** One entry of `[egress] allow`. */
export type AllowEntry =
  | { readonly kind: "host"; readonly pattern: HostPattern }
  | { readonly kind: "preset"; readonly preset: PresetName };

export type ParsedAllowEntry =
  | { readonly ok: true; readonly entry: AllowEntry }
  /** A sentence without its end, with what to write instead. */
  | { readonly ok: false; readonly problem: string };

const PRESET = "preset:";

/** Reads `github.com`, `*.example.com` or `preset:npm`. */
export function parseAllowEntry(text: string): ParsedAllowEntry {
  if (text.toLowerCase().startsWith(PRESET)) {
    const preset = text.toLowerCase().slice(PRESET.length);
    if (isPresetName(preset)) return { ok: true, entry: { kind: "preset", preset } };
    return {
      ok: false,
      problem: `there is no preset "${showText(preset)}"; there are: ${PRESETS.join(", ")}`,
    };
  }
  const parsed = parseHostPattern(text);
  if (parsed.ok) return { ok: true, entry: { kind: "host", pattern: parsed.pattern } };
  if (isPresetName(text.toLowerCase())) {
    return { ok: false, problem: `"${text}" is a preset; write it as "${PRESET}${text.toLowerCase()}"` };
  }
  return { ok: false, problem: formatHostProblem(parsed.problem) };
}

/** The one spelling of an entry: lower case, without a port. */
export function formatAllowEntry(entry: AllowEntry): string {
  return entry.kind === "preset" ? `${PRESET}${entry.preset}` : formatHostPattern(entry.pattern);
}
