import { mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseGitConfigList } from "../../domain/custody/git-config.js";
import type { ModuleCheckout } from "../../domain/custody/private-git.js";
import { isOid } from "../../domain/custody/refs.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { runProcess } from "../process/run-process.js";
import { createModuleGit, findModuleDirs, type ModuleDir } from "./module-dirs.js";
import { createGit, gitEnv, SAFE, translateGitError, type RunGit } from "./run-git.js";

/** In the worktree's admin dir, out of every agent's reach: `<at>/HEAD` and `<at>/index` of each checkout. */
const KEPT = "devkit-modules";

/** A submodule as a commit has it. */
interface Gitlink {
  readonly path: string;
  readonly oid: string;
  readonly module: ModuleDir;
}

/**
 * Writes the files of submodules that the primary has, from its own git dirs and without network. Each gets a `.git`
 * that leads to the agent's private git dir inside a container and nowhere on the host: a link, because for git a
 * dangling one is a submodule that is not checked out, where a file with a wrong path is an error.
 * Answers the paths of submodules whose commit is not here.
 */
export async function checkoutModules(
  commonDir: string,
  worktree: string,
  adminDir: string,
  filters: readonly string[],
): Promise<string[]> {
  const dirs = await findModuleDirs(commonDir);
  const kept = path.join(adminDir, KEPT);
  await rm(kept, { recursive: true, force: true });
  if (dirs.length === 0) return [];
  const missing: string[] = [];
  const visit = async (git: RunGit, commit: string, within: string, root: string): Promise<void> => {
    for (const link of await findGitlinks(git, commit, within, dirs)) {
      const directory = path.join(root, link.path);
      const inModule = createModuleGit(link.module.gitDir);
      if (!(await hasCommit(inModule, link.oid))) {
        missing.push(path.relative(worktree, directory));
        continue;
      }
      await checkoutModule(link, directory, path.join(kept, link.module.at), filters);
      await visit(inModule, link.oid, path.join(link.module.at, "modules"), directory);
    }
  };
  await visit(createGit(worktree), "HEAD", "", worktree);
  return missing;
}

/** What `checkoutModules` left of a worktree's submodules. */
export async function findModuleCheckouts(commonDir: string, adminDir: string): Promise<ModuleCheckout[]> {
  const dirs = await findModuleDirs(commonDir);
  const found = await Promise.all(
    dirs.map(async ({ at }): Promise<ModuleCheckout | undefined> => {
      const directory = path.join(adminDir, KEPT, at);
      const oid = (await readFile(path.join(directory, "HEAD"), "utf8").catch(() => "")).trim();
      return isOid(oid) ? { at, oid, indexFile: path.join(directory, "index") } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** The submodules of a commit that the primary has a git dir for: by name, which `.gitmodules` gives to a path. */
async function findGitlinks(
  git: RunGit,
  commit: string,
  within: string,
  dirs: readonly ModuleDir[],
): Promise<Gitlink[]> {
  const text = await git("config", "--null", `--blob=${commit}:.gitmodules`, "--list").catch(() => "");
  const links: Gitlink[] = [];
  for (const { key, value } of parseGitConfigList(text)) {
    const name = /^submodule\.(.+)\.path$/.exec(key)?.[1];
    const module = dirs.find(({ at }) => name !== undefined && at === path.join(within, name));
    if (module === undefined) continue;
    const entry = await git("ls-tree", commit, "--", value).catch(() => "");
    const oid = /^160000 commit ([0-9a-f]+)\t/.exec(entry)?.[1];
    if (oid !== undefined) links.push({ path: value, oid, module });
  }
  return links;
}

async function hasCommit(git: RunGit, oid: string): Promise<boolean> {
  return git("cat-file", "-e", `${oid}^{commit}`).then(
    () => true,
    () => false,
  );
}

async function checkoutModule(
  { oid, module }: Gitlink,
  directory: string,
  kept: string,
  filters: readonly string[],
): Promise<void> {
  await mkdir(kept, { recursive: true });
  await mkdir(directory, { recursive: true });
  const index = path.join(kept, "index");
  const run = async (...args: string[]) => {
    const where = [`--git-dir=${module.gitDir}`, `--work-tree=${directory}`];
    const env = { ...gitEnv(), GIT_INDEX_FILE: index };
    const result = await runProcess("git", [...SAFE, ...filters, ...where, ...args], { cwd: directory, env });
    if (result.exitCode !== 0) throw translateGitError(new Error(result.stderr || "failed"), args);
  };
  await run("read-tree", oid);
  await run("checkout-index", "--all", "--force", "--index", "--quiet");
  const names = await readdir(directory);
  if (!names.includes(".git")) {
    await symlink(path.posix.join(CONTAINER.git, "modules", module.at), path.join(directory, ".git"));
  }
  // Last: it says that the rest is there.
  await writeFile(path.join(kept, "HEAD"), `${oid}\n`);
}
