import { constants, existsSync } from "node:fs";
import { copyFile, lstat, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { bytesPath } from "./file-states.js";
import { createRawGit, type RawGit } from "./raw-git.js";

/** In the admin dir: an index on its way to becoming the worktree's, and one without the mark for the agent. */
const ASIDE = "devkit-index";
const FOR_AGENT = "devkit-agent-index";

/**
 * Marks the submodules in an agent's host index as unchanged, which keeps every plain `git status` and `git diff` of the user from
 * running git in them: an agent can put a repository with settings of its own there, and no setting of the user's keeps
 * git out, because an agent's `.gitmodules` says otherwise by another name (docs/adr/0010).
 */
export async function hideGitlinks(root: string, admin: string): Promise<void> {
  if ((await gitlinksOf(createRawGit(root), admin)) === "") return;
  const index = path.join(admin, "index");
  await keepingAge(index, index, () => mark(createRawGit(root), admin, "--assume-unchanged"));
}

/** Reads HEAD into the host's index, in which no submodule is to be seen at any moment. */
export async function readTreeHidden(
  root: string,
  admin: string,
  how: readonly string[] = [],
): Promise<void> {
  const aside = path.join(admin, ASIDE);
  const index = path.join(admin, "index");
  await rm(aside, { force: true });
  const git = createRawGit(root, { GIT_INDEX_FILE: aside });
  await keepingAge(index, aside, async () => {
    if (existsSync(index)) await copyFile(index, aside, constants.COPYFILE_FICLONE);
    await git([...on(admin), "read-tree", ...how, "HEAD"]);
    await mark(git, admin, "--assume-unchanged");
  });
  // As git itself does: somebody is writing it right now.
  if (existsSync(`${index}.lock`)) {
    throw new DevkitError("E_GIT", `${index}.lock is there: another git is at work in the worktree`, {
      hint: "wait for it to end and try again; if there is none: remove that file",
    });
  }
  await rename(aside, index);
}

/** The index that an agent starts from: the host's own, where submodules are to be seen. */
export async function indexForAgent(root: string, admin: string): Promise<string> {
  const index = path.join(admin, "index");
  if ((await gitlinksOf(createRawGit(root), admin)) === "") return index;
  const copy = path.join(admin, FOR_AGENT);
  await keepingAge(index, copy, async () => {
    await copyFile(index, copy);
    await mark(createRawGit(root, { GIT_INDEX_FILE: copy }), admin, "--no-assume-unchanged");
  });
  return copy;
}

/** Paths of submodules at which the worktree has a repository with a git dir of its own. */
export async function findEmbedded(
  root: string,
  admin: string | undefined,
  worktree: string,
): Promise<string[]> {
  if (admin === undefined) return [];
  const paths = (await gitlinksOf(createRawGit(root), admin)).split("\0").filter((one) => one !== "");
  const found = await Promise.all(
    paths.map(async (one) =>
      lstat(bytesPath(worktree, `${one}/.git`)).then(
        (info) => info.isDirectory(),
        () => false,
      ),
    ),
  );
  return paths.filter((_, position) => found[position]).map((one) => Buffer.from(one, "latin1").toString());
}

/** Only the index counts: the work tree is named because git wants one. */
const on = (admin: string) => [`--git-dir=${admin}`, "--work-tree=."];

/**
 * What was written in the second an index is from may have changed since, and git looks at that again. It would not any
 * more with a newer index, so this one stays as old as it is: git itself cannot see to it, for here it has none of the files.
 */
async function keepingAge(index: string, file: string, work: () => Promise<unknown>): Promise<void> {
  const before = await stat(index).catch(() => undefined);
  await work();
  if (before !== undefined) await utimes(file, before.atime, before.mtime);
}

async function mark(git: RawGit, admin: string, how: string): Promise<void> {
  const input = await gitlinksOf(git, admin);
  if (input !== "") await git([...on(admin), "update-index", "-z", how, "--stdin"], { input });
}

/** Paths of the submodules in an index, each ended by NUL. */
async function gitlinksOf(git: RawGit, admin: string): Promise<string> {
  const { stdout } = await git([...on(admin), "ls-files", "--stage", "-z"]);
  const records = stdout.split("\0").filter((record) => record.startsWith("160000 "));
  return records.map((record) => `${record.slice(record.indexOf("\t") + 1)}\0`).join("");
}
