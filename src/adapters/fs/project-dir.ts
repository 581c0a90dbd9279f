import { statSync } from "node:fs";
import { mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { byIndex, parseAgentName } from "../../domain/agents/agent.js";
import { agentsDir, type Project } from "../../domain/identity/project.js";
import { replaceFile, writeNewFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/** Names the state directory that the project's agents were made with. */
const STATE_DIR = "state-dir";

/**
 * Refuses to go on with another state directory than the agents were made with: with another HOME (sudo does that)
 * every agent would get an empty home and lose sight of its commits.
 * @throws DevkitError E_STATE_ELSEWHERE
 */
export async function checkStateDir(project: Project): Promise<void> {
  const text = await readFile(path.join(project.devkitDir, STATE_DIR), "utf8").catch(() => undefined);
  const recorded = text?.trimEnd();
  if (recorded === undefined || recorded === project.stateDir) return;
  const stateHome = path.dirname(path.dirname(recorded));
  throw new DevkitError(
    "E_STATE_ELSEWHERE",
    `the agents of this project keep their homes in ${recorded}, not in ${project.stateDir}`,
    {
      hint: `run devkit as the user who made them, or with XDG_STATE_HOME=${stateHome}; if that is gone for good: rm ${path.join(project.devkitDir, STATE_DIR)}`,
      details: { recorded, now: project.stateDir },
    },
  );
}

/** `.devkit`, and what else of a project is not one agent's. */
export const projectDir: Pick<AgentState, "known" | "prepare" | "writeIfMissing"> = {
  async known(project) {
    const parents = [agentsDir(project), path.join(project.stateDir, "agents")];
    const names = (await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])))).flat();
    const agents = [...new Set(names)]
      .map((name) => parseAgentName(name, project.roster))
      .filter((agent) => agent !== undefined);
    return agents.sort(byIndex);
  },
  async prepare(project) {
    const file = path.join(project.devkitDir, ".gitignore");
    await withFileErrors(`cannot make ${project.devkitDir}`, () => makeDirectory(project.devkitDir));
    if (!isThere(file)) await replaceFile(file, "*\n");
    const state = path.join(project.devkitDir, STATE_DIR);
    if (!isThere(state)) await replaceFile(state, `${project.stateDir}\n`);
  },
  writeIfMissing: (file, text) =>
    withFileErrors(`cannot write ${file}`, async () => {
      try {
        await mkdir(path.dirname(file), { recursive: true });
        await writeNewFile(file, text, 0o644);
        return true;
      } catch (error) {
        if (systemErrorCode(error) === "EEXIST") return false;
        throw error;
      }
    }),
};

/** Not recursively: on a read-only file system that would only say that the directory does not exist. */
async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory).catch((error: unknown) => {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  });
}

export function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (systemErrorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
