import { DevkitError } from "../base/errors.js";
import { PROFILES, type Profile } from "../domain/settings/profiles.js";
import type { LoadedConfig } from "../config/load.js";
import type { Settings } from "../domain/settings/settings.js";

/** All settings with the profiles of `--profile` added; see `addProfiles`. */
export function withProfiles(config: LoadedConfig, names: readonly string[]): LoadedConfig {
  return {
    ...config,
    settings: addProfiles(config.settings, names),
    settingsOf: (agent) => addProfiles(config.settingsOf(agent), names),
  };
}

/**
 * The settings with the profiles of `--profile` added.
 * @throws DevkitError E_USAGE for one that does not exist
 */
export function addProfiles(settings: Settings, names: readonly string[]): Settings {
  const added = names.map((name) => name.trim()).map(requireProfile);
  const profiles = [...new Set([...settings.project.profiles, ...added])];
  return { ...settings, project: { ...settings.project, profiles } };
}

function requireProfile(name: string): Profile {
  const found = PROFILES.find((profile) => profile === name);
  if (found !== undefined) return found;
  throw new DevkitError("E_USAGE", `there is no profile ${JSON.stringify(name)}`, {
    hint: `one of: --profile ${PROFILES.join(", --profile ")}`,
  });
}
