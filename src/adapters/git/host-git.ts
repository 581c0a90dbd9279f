import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { HostGit } from "../../app/ports-host-runtime.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { moveDirectory } from "../fs/move-directory.js";
import { listOwnModules } from "../fs/own-modules.js";
import { createRawGit } from "./raw-git.js";
import { findAdminDir } from "./worktree-admin.js";

/** Below the files of a worktree in the trash; git sees nothing of `.devkit`. */
const KEPT = ".devkit/worktree-git";

/** A worktree's own git directory holds what is under way there, and the only git dirs of its submodules. */
export function createHostGit(commonDir: string): HostGit {
  return {
    ask,
    async listModules(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      return admin === undefined ? [] : modulesOf(admin);
    },
    async putAway(worktree, files) {
      const admin = await findAdminDir(commonDir, worktree);
      if (admin === undefined) return;
      const kept = path.join(files, KEPT);
      await mkdir(path.dirname(kept), { recursive: true });
      await moveDirectory(admin, kept);
    },
    async bringBack(worktree) {
      const kept = path.join(worktree, KEPT);
      if (!existsSync(kept)) return;
      const admin = await freePlace(commonDir, worktree);
      await mkdir(path.dirname(admin), { recursive: true });
      await writeFile(path.join(worktree, ".git"), `gitdir: ${admin}\n`);
      await writeFile(path.join(kept, "gitdir"), `${path.join(worktree, ".git")}\n`);
      await moveDirectory(kept, admin);
      for (const { gitDir } of await modulesOf(admin)) await link(gitDir);
    },
  };
}

async function ask(directory: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await createRawGit(directory)(args);
    return Buffer.from(stdout, "latin1").toString();
  } catch (error) {
    if (isDevkitError(error) && error.code === "E_GIT") return undefined;
    throw error;
  }
}

async function modulesOf(admin: string) {
  const modules = await listOwnModules(admin);
  return modules.map((at) => ({ at, gitDir: path.join(admin, "modules", at) }));
}

/** Where it was, unless git has given that name to another worktree since. */
async function freePlace(commonDir: string, worktree: string): Promise<string> {
  const parent = path.join(commonDir, "worktrees");
  const named = /^gitdir: (.+)\n?$/.exec(await readFile(path.join(worktree, ".git"), "utf8").catch(() => ""));
  const name = path.basename(named?.[1] ?? worktree);
  for (let more = 0; more < 1000; more += 1) {
    const place = path.join(parent, more === 0 ? name : `${name}-${String(more)}`);
    if (!existsSync(place)) return place;
  }
  throw new DevkitError("E_GIT", `there is no name left for ${worktree} in ${parent}`);
}

/** Says to the files of a submodule where their git dir is: they say it with the name of the worktree's in it. */
async function link(gitDir: string): Promise<void> {
  const tree = (
    await ask(gitDir, ["config", "--file", path.join(gitDir, "config"), "core.worktree"])
  )?.trim();
  const file = tree === undefined || tree === "" ? undefined : path.join(gitDir, tree, ".git");
  if (file !== undefined && existsSync(file)) await writeFile(file, `gitdir: ${gitDir}\n`);
}
