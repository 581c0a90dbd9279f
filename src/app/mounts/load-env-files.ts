import { DevkitError } from "../../base/errors.js";
import { parseEnvFile } from "../../domain/mounts/env-file.js";
import type { HostFacts } from "../../domain/mounts/source-problem.js";
import type { Host } from "../ports.js";
import type { MountHost } from "../ports-mounts.js";
import { readAskedFile } from "./read-asked-file.js";

/**
 * The variables of these files, later ones winning.
 * @throws DevkitError E_CONFIG
 */
export async function loadEnvFiles(
  { mountHost, host }: { readonly mountHost: MountHost; readonly host: Host },
  facts: () => Promise<HostFacts>,
  files: readonly string[],
): Promise<Record<string, string>> {
  let env: Record<string, string> = {};
  for (const file of files) {
    const found = await readAskedFile(mountHost, facts, file);
    if ("problem" in found) throw refused(file, found.problem);
    env = { ...env, ...parseEnvFile(file, found.text, host.env) };
  }
  return env;
}

function refused(file: string, problem: string): DevkitError {
  return new DevkitError("E_CONFIG", `the env_file ${file} cannot be read: ${problem}`, {
    hint: "correct container.env_file; to see where it is set: devkit config show --origin",
    details: { file },
  });
}
