import type { AllowedText } from "../domain/egress/entries.js";
import { formatOrigin } from "./format-origin.js";
import type { LoadedConfig } from "./load.js";

/** The entries of `[egress] allow`, each with the place of the file that asked for it first. */
export function allowedNames({
  settings,
  origins,
}: Pick<LoadedConfig, "settings" | "origins">): AllowedText[] {
  const entries = new Map(origins.get("egress.allow")?.entries?.map(({ value, origin }) => [value, origin]));
  return settings.egress.allow.map((text) => {
    return { text, place: formatOrigin(entries.get(text) ?? { source: "default" }) };
  });
}
