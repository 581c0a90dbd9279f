import { DevkitError } from "../../base/errors.js";
import type { SpecExtras } from "../../domain/mounts/extras.js";
import type { HostFacts } from "../../domain/mounts/source-problem.js";
import type { Settings } from "../../domain/settings/settings.js";
import { parseObject } from "../../domain/tools/tool-files.js";
import { TOOLS, type Tool } from "../../domain/tools/tool.js";
import { readAskedFile } from "../mounts/read-asked-file.js";
import type { MountHost } from "../ports-mounts.js";

/** The files that `config` of `[codex]` and `[claude]` name. @throws DevkitError E_CONFIG */
export async function loadToolConfigs(
  mountHost: MountHost,
  facts: () => Promise<HostFacts>,
  settings: Settings,
): Promise<NonNullable<SpecExtras["toolConfigs"]>> {
  const loaded: Partial<Record<Tool, string>> = {};
  for (const tool of TOOLS) {
    const file = settings[tool].config;
    if (file === undefined) continue;
    const found = await readAskedFile(mountHost, facts, file);
    if ("problem" in found) throw refused(tool, file, `it cannot be read: ${found.problem}`);
    if (tool === "claude" && parseObject(found.text) === undefined) {
      throw refused(tool, file, "it is no object of JSON");
    }
    loaded[tool] = found.text;
  }
  return loaded;
}

function refused(tool: Tool, file: string, problem: string): DevkitError {
  return new DevkitError("E_CONFIG", `${tool}.config is ${file}, and ${problem}`, {
    hint: `correct ${tool}.config; to see where it is set: devkit config show --origin`,
    details: { file },
  });
}
