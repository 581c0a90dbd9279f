import { askedPresets, policyEntries, type AllowedText } from "../../domain/egress/entries.js";
import type { PolicyEntry } from "../../domain/egress/policy.js";
import type { AskedPreset, PresetAnswer } from "../../domain/egress/presets.js";
import type { ProjectDeps } from "../ports.js";

export interface PresetRequest {
  /** The entries of `[egress] allow`, and where they are written. */
  readonly allowed: readonly AllowedText[];
  /** What the last answers were; a preset that has some is not asked again. */
  readonly known: readonly PolicyEntry[];
  readonly signal: AbortSignal;
}

/**
 * The names that the settings allow; presets of package managers are asked of this user's own tools, which takes some
 * of them a second.
 */
export async function askPresets(
  { registries, progress }: Pick<ProjectDeps, "registries" | "progress">,
  { allowed, known, signal }: PresetRequest,
): Promise<PolicyEntry[]> {
  const presets = askedPresets(allowed.map(({ text }) => text));
  const answers = await Promise.all(
    presets.map(async (preset): Promise<[AskedPreset, PresetAnswer]> => {
      const hosts = known.filter((entry) => isOf(entry, preset)).map(({ pattern }) => pattern.host);
      if (hosts.length > 0) return [preset, { hosts, unusable: [], notes: [] }];
      const answer = await registries.ask(preset, signal);
      for (const { url, why } of answer.unusable) progress.warn(`preset:${preset}: ${url} ${why}`);
      for (const note of answer.notes) progress.warn(`preset:${preset}: ${note}`);
      return [preset, answer];
    }),
  );
  return policyEntries(allowed, new Map(answers));
}

function isOf({ origin }: PolicyEntry, preset: AskedPreset): boolean {
  return origin.from === "settings" && origin.preset === preset;
}
