import { realpath } from "node:fs/promises";
import path from "node:path";
import type { LfsStore } from "../../app/ports-history.js";
import type { ObjectDir } from "../../domain/custody/mounts.js";
import { findObjectDirs } from "./alternates.js";
import { isThere } from "../fs/project-dir.js";
import { findModuleDirs } from "./module-dirs.js";
import type { RunGit } from "./run-git.js";

/**
 * Everything an agent borrows, each directory once: the objects of the primary and of its submodules with what they
 * borrow themselves, and their LFS stores, which git-lfs looks for beside the objects that alternates name.
 */
export async function findLentDirs(git: RunGit, commonDir: string): Promise<ObjectDir[]> {
  const modules = await findModuleDirs(commonDir);
  const gitDirs = [commonDir, ...modules.map(({ gitDir }) => gitDir)];
  const objects = await Promise.all(gitDirs.map(findObjectDirs));
  const stores = await Promise.all(gitDirs.map((gitDir) => findLfsDir(git, commonDir, gitDir)));
  const all = [...objects.flat(), ...stores.filter((store) => store !== undefined)];
  return [...new Map(all.map((dir) => [dir.containerPath, dir])).values()];
}

async function findLfsDir(git: RunGit, commonDir: string, gitDir: string): Promise<ObjectDir | undefined> {
  const directory =
    gitDir === commonDir ? await lfsDirectory(git, commonDir) : path.join(gitDir, "lfs/objects");
  const hostPath = await realpath(directory).catch(() => undefined);
  // `lfs.storage` moves it; inside it is where git-lfs looks without that setting.
  return hostPath === undefined ? undefined : { hostPath, containerPath: path.join(gitDir, "lfs/objects") };
}

/** Where the primary's git-lfs keeps its objects. */
export async function findLfsStore(git: RunGit, commonDir: string): Promise<LfsStore> {
  const directory = await lfsDirectory(git, commonDir);
  return {
    directory,
    missing(oids) {
      const placeOf = (oid: string) => path.join(directory, oid.slice(0, 2), oid.slice(2, 4), oid);
      return Promise.resolve(oids.filter((oid) => !isThere(placeOf(oid))));
    },
  };
}

async function lfsDirectory(git: RunGit, commonDir: string): Promise<string> {
  const storage = (await git("config", "--type=path", "--default=", "lfs.storage")).trim();
  return path.resolve(commonDir, storage === "" ? "lfs" : storage, "objects");
}
