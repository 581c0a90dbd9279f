import { homedir } from "node:os";
import path from "node:path";
import type { Host } from "../app/ports.js";
import type { ConfigRequest, LoadedConfig } from "../config/load.js";
import type { GlobalOptions } from "./command.js";
import { overlayPlaces } from "./places.js";

/** The settings that hold; see `loadConfig`. */
export async function readConfig(request: Promise<ConfigRequest>, positions: boolean): Promise<LoadedConfig> {
  const { loadConfig } = await import("../config/load.js");
  return loadConfig({ ...(await request), positions });
}

/** What is to be read, as the command line says. */
export async function requestConfig(
  globals: GlobalOptions,
  root: string,
  env: Host["env"],
): Promise<ConfigRequest> {
  const [{ overlayDirs }, { settingVariables }] = await Promise.all([
    import("../config/overlay-dirs.js"),
    import("../config/setting-variables.js"),
  ]);
  const dirs = overlayDirs(overlayPlaces(root));
  const configFile = globals.config === undefined ? undefined : path.resolve(globals.config);
  const variables = settingVariables(env, root);
  return { root, configFile, overlays: globals.overlays, overlayDirs: dirs, variables, home: homedir() };
}
