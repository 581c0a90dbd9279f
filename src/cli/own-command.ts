import path from "node:path";
import type { GlobalOptions } from "./command.js";

/**
 * The program and arguments that run this devkit with these words on a project, wherever they are run: by its path as it was
 * started, which after an upgrade leads to the new one.
 */
export function ownCommand(
  root: string,
  { config }: Pick<GlobalOptions, "config">,
  words: readonly string[],
): readonly [string, ...string[]] {
  const settings = config === undefined ? [] : ["--config", path.resolve(config)];
  return [process.execPath, path.resolve(process.argv[1] ?? ""), "-C", root, ...settings, ...words];
}
