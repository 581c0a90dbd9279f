import { randomBytes } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { once } from "node:events";
import { copyFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { privateGitFiles } from "../../domain/custody/private-git.js";
import { isThere } from "./project-dir.js";
import { readAgentRefs } from "./read-refs.js";
import { freshDirectory, INCOMING, removeLeftovers, writeTree } from "./staging.js";
import { translateFileError, withFileErrors } from "./translate.js";

const SYNC_PENDING = "sync-pending";

type PrivateGits = Pick<
  AgentState,
  "createPrivateGit" | "readRefs" | "isSyncPending" | "setSyncPending" | "withIncoming"
>;

/** Agents' private git dirs: written once, then only read, as text. */
export const privateGits: PrivateGits = {
  createPrivateGit: (paths, git, indexFile) =>
    withFileErrors(`cannot make ${paths.git}`, async () => {
      await removeLeftovers(paths);
      const temporary = await freshDirectory(paths, "git");
      await writeTree(temporary, privateGitFiles(git));
      if (indexFile !== undefined) {
        await copyFile(indexFile, path.join(temporary, "index"), constants.COPYFILE_FICLONE);
      }
      await rename(temporary, paths.git);
    }),
  readRefs: (paths) => readAgentRefs(paths.git),
  isSyncPending: (paths) => isThere(path.join(paths.state, SYNC_PENDING)),
  async setSyncPending(paths, pending) {
    const file = path.join(paths.state, SYNC_PENDING);
    if (pending) await writeFile(file, "");
    else await rm(file, { force: true });
  },
  async withIncoming(paths, use) {
    const left = (await readdir(paths.state)).filter((name) => name.startsWith(INCOMING));
    await Promise.all(left.map((name) => rm(path.join(paths.state, name), { force: true })));
    const file = path.join(paths.state, `${INCOMING}${randomBytes(6).toString("hex")}`);
    const sink = createWriteStream(file, { flags: "wx", mode: 0o600 });
    const failed = once(sink, "error").then(([error]) => {
      throw translateFileError(error, `cannot write ${file}`);
    });
    try {
      return await Promise.race([use(file, sink), failed]);
    } finally {
      sink.destroy();
      await rm(file, { force: true });
    }
  },
};
