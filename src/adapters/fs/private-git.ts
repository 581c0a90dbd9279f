import { constants } from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { privateGitFiles } from "../../domain/custody/private-git.js";
import { readAgentRefs } from "./read-refs.js";
import { freshDirectory, removeLeftovers, writeTree } from "./staging.js";
import { syncMemory } from "./sync-memory.js";
import { withFileErrors } from "./translate.js";

/** Agents' private git dirs: written once, then only read, as text. */
export const privateGits: Pick<AgentState, "createPrivateGit" | "readRefs"> = {
  createPrivateGit: (paths, git, indexFile) =>
    withFileErrors(`cannot make ${paths.git}`, async () => {
      await removeLeftovers(paths);
      const temporary = await freshDirectory(paths, "git");
      await writeTree(temporary, privateGitFiles(git));
      if (indexFile !== undefined) {
        await copyFile(indexFile, path.join(temporary, "index"), constants.COPYFILE_FICLONE);
      }
      await rename(temporary, paths.git);
      // Both sides start out agreed on the branch.
      await syncMemory.setLastSynced(paths, new Map([[`refs/heads/${git.branch}`, git.oid]]));
    }),
  readRefs: (paths) => readAgentRefs(paths.git),
};
