import { chmod, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { AgentState, CreateHome } from "../../app/ports.js";
import { isDevkitError } from "../../base/errors.js";
import { HOME_DIRECTORIES } from "../../domain/agents/env.js";
import { nestedMountPoints } from "../../domain/custody/mounts.js";
import { generatedGitConfig, GITCONFIG_SEED, groupFile, passwdFile } from "../../domain/identity/accounts.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { isThere } from "./project-dir.js";
import { readRuntime } from "./roster.js";
import { freshDirectory, removeLeftovers, writeTree } from "./staging.js";
import { withFileErrors } from "./translate.js";

const GENERATED = ".gitconfig.devkit";
const GENERATED_LIMIT = 65_536;

/** Agents' homes and the generated account files beside them. */
export const homes: Pick<AgentState, "inspect" | "createHome" | "refreshHome"> = {
  inspect(paths) {
    const needed = [paths.home, paths.dotgit, paths.passwd, paths.group];
    const [home, git] = [needed.every(isThere), isThere(paths.git)];
    return Promise.resolve({ home, git, runtime: readRuntime(paths) });
  },
  createHome: (request) => withFileErrors(`cannot make ${request.paths.home}`, () => createHome(request)),
  async refreshHome(paths, identity) {
    await removeLeftovers(paths);
    const file = path.join(paths.home, GENERATED);
    const wanted = generatedGitConfig(identity);
    if (readHostileFile(file, GENERATED_LIMIT) === wanted) return;
    // Staged in the state directory: the agent can write in its home, and what a killed run leaves there would stay.
    await replaceFile(file, wanted, paths.state).catch(async (error: unknown) => {
      // An agent can put a directory there or close its home; that must not keep everybody from coming up.
      if (!isDevkitError(error) || !["E_FILE", "E_READ_ONLY"].includes(error.code)) throw error;
      if (error.code === "E_READ_ONLY") return;
      await rm(file, { recursive: true, force: true });
      await replaceFile(file, wanted, paths.state);
    });
  },
};

/** The home is made aside and renamed into place last, so that it is whole whenever it is there. */
async function createHome(request: CreateHome): Promise<void> {
  const { paths, user } = request;
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  await removeLeftovers(paths);
  await replaceFile(paths.dotgit, `gitdir: ${CONTAINER.git}\n`);
  await replaceFile(paths.passwd, passwdFile(user));
  await replaceFile(paths.group, groupFile(user));
  if (isThere(paths.home)) return;
  await rename(await makeHome(request), paths.home);
}

/** A fresh home in a new directory beside the agent's own, which is answered. */
export async function makeHome({ paths, identity, mounts }: Omit<CreateHome, "user">): Promise<string> {
  const made = await freshDirectory(paths, "home");
  for (const [directory, mode] of Object.entries(HOME_DIRECTORIES)) {
    await mkdir(path.join(made, directory), { recursive: true });
    await chmod(path.join(made, directory), mode);
  }
  const inHome = nestedMountPoints(mounts).filter((one) => one.hostPath === paths.home && !one.isFile);
  for (const { relative } of inHome) await mkdir(path.join(made, relative), { recursive: true });
  await writeTree(made, { ".gitconfig": GITCONFIG_SEED, [GENERATED]: generatedGitConfig(identity) });
  return made;
}
