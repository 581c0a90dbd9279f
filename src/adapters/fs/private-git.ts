import { constants } from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { privateGitFiles } from "../../domain/custody/private-git.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { isDirectory, readAgentRefs } from "./read-refs.js";
import { freshDirectory, removeLeftovers, writeTree } from "./staging.js";
import { syncMemory } from "./sync-memory.js";
import { withFileErrors } from "./translate.js";

/** Agents' private git dirs: written once, then only read, as text. */
export const privateGits: Pick<AgentState, "createPrivateGit" | "readRefs" | "readModuleRefs"> = {
  createPrivateGit: (paths, git, indexFile, modules = []) =>
    withFileErrors(`cannot make ${paths.git}`, async () => {
      await removeLeftovers(paths);
      const temporary = await freshDirectory(paths, "git");
      await writeGitDir(temporary, privateGitFiles(git), indexFile);
      for (const module of modules) {
        const at = path.posix.join("modules", module.at);
        const files = privateGitFiles(module.git, path.posix.join(CONTAINER.git, at));
        await writeGitDir(path.join(temporary, at), files, module.indexFile);
      }
      await rename(temporary, paths.git);
      // Both sides start out agreed on the branch.
      await syncMemory.setLastSynced(paths, new Map([[`refs/heads/${git.branch ?? ""}`, [git.oid]]]));
    }),
  readRefs: (paths) => Promise.resolve(readAgentRefs(paths.git)),
  readModuleRefs(paths, at) {
    // Every directory on the way is the agent's: a link among them could lead to a repository of the host.
    const parts = ["modules", ...at.split("/")];
    const places = parts.map((_, position) => path.join(paths.git, ...parts.slice(0, position + 1)));
    const isReal = places.every(isDirectory);
    return Promise.resolve(isReal ? readAgentRefs(path.join(paths.git, ...parts)) : undefined);
  },
};

async function writeGitDir(
  directory: string,
  files: Readonly<Record<string, string>>,
  indexFile: string | undefined,
): Promise<void> {
  await writeTree(directory, files);
  if (indexFile === undefined) return;
  await copyFile(indexFile, path.join(directory, "index"), constants.COPYFILE_FICLONE);
}
