import type { Variables } from "./interpolate.js";
import { interpolateSettings } from "./interpolate-settings.js";
import { createLocate, type Locate, type SettingPath } from "./locate.js";
import { parseToml, type TomlTable } from "./parse.js";
import type { Finding } from "./shape.js";
import type { SourceFile } from "./source-file.js";

/** What a file says, in the shape of overlay.toml whatever its own is, before it is judged. */
export interface SettingsDocument {
  readonly values: TomlTable;
  /** Mistakes that only its own format knows. */
  readonly findings: readonly Finding[];
  /** Where the file says a setting. */
  readonly locate: () => Promise<Locate>;
  /** What the file calls a setting, where that is not its own name. */
  nameOf(path: SettingPath): string | undefined;
}

/** @throws DevkitError E_CONFIG when it is not TOML */
export async function readTomlDocument(source: SourceFile, variables: Variables): Promise<SettingsDocument> {
  return {
    ...interpolateSettings(await parseToml(source), variables),
    locate: () => createLocate(source.text),
    nameOf: () => undefined,
  };
}
