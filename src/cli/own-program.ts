import path from "node:path";
import type { OwnProgram } from "../app/agents/spawn-session.js";
import type { GlobalOptions } from "./command.js";

/** What runs this very devkit on a project, from wherever: the words of a command follow. */
export function ownProgram({ config }: Pick<GlobalOptions, "config">, root: string): OwnProgram {
  const settings = config === undefined ? [] : ["--config", path.resolve(config)];
  return [process.execPath, process.argv[1] ?? "", "-C", root, ...settings];
}
