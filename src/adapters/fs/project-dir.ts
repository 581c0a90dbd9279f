import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { systemErrorCode } from "../../base/errors.js";
import { byIndex, parseAgentName } from "../../domain/agents/agent.js";
import { agentsDir } from "../../domain/identity/project.js";
import { replaceFile, writeNewFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/** `.devkit`, and what else of a project is not one agent's. */
export const projectDir: Pick<AgentState, "known" | "prepare" | "writeIfMissing"> = {
  async known(project) {
    const parents = [agentsDir(project), path.join(project.stateDir, "agents")];
    const names = (await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])))).flat();
    const agents = [...new Set(names)].map(parseAgentName).filter((agent) => agent !== undefined);
    return agents.sort(byIndex);
  },
  async prepare(project) {
    const file = path.join(project.devkitDir, ".gitignore");
    await withFileErrors(`cannot make ${project.devkitDir}`, () =>
      mkdir(project.devkitDir, { recursive: true }),
    );
    if (!(await isThere(file))) await replaceFile(file, "*\n");
  },
  writeIfMissing: (file, text) =>
    withFileErrors(`cannot write ${file}`, async () => {
      try {
        await writeNewFile(file, text, 0o644);
        return true;
      } catch (error) {
        if (systemErrorCode(error) === "EEXIST") return false;
        throw error;
      }
    }),
};

export async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
