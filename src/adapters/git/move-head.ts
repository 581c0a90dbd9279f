import { readFile } from "node:fs/promises";
import path from "node:path";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { isOid } from "../../domain/custody/refs.js";
import { runPipe } from "../process/run-pipe.js";
import { gitWords, ownObjects, type ObjectView } from "./object-view.js";
import { createGit, type RunGit } from "./run-git.js";
import { readTreeHidden } from "./hide-gitlinks.js";
import { findAdminDir } from "./worktree-admin.js";

/** More files than any worktree; a few kilobytes of nested trees can name more than a disk holds. */
const MAX_FILES = 5_000_000;
const MAX_NAME_BYTES = 1024 ** 3;

/**
 * Points a linked worktree's HEAD and index at a ref or commit, without reading or writing its files.
 * @throws DevkitError E_DIVERGED when the user works detached there, on commits that no ref has; E_PACK_REFUSED
 */
export async function moveHead(
  { root, commonDir }: { root: string; commonDir: string },
  worktree: string,
  head: string,
): Promise<void> {
  const admin = await findAdminDir(commonDir, worktree);
  if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
  const linked = createGit(root, admin);
  await refuseToLeaveCommits(linked, admin, head);
  await refuseTooManyFiles(ownObjects(commonDir), head);
  if (head.startsWith("refs/")) await linked("symbolic-ref", "HEAD", head);
  else await linked("update-ref", "--no-deref", "HEAD", head);
  // Not from scratch: what did not change keeps its stat data, and stays out of a sparse checkout.
  await readTreeHidden(root, admin, ["--reset"]);
}

async function refuseToLeaveCommits(linked: RunGit, admin: string, head: string): Promise<void> {
  const commit = (await readFile(path.join(admin, "HEAD"), "utf8")).trim();
  if (!isOid(commit)) return;
  const own = await linked("rev-list", "--max-count=1", commit, "--not", "--glob=refs/*", head);
  if (own.trim() === "") return;
  throw new DevkitError(
    "E_DIVERGED",
    `commit ${commit.slice(0, 12)} of the worktree's HEAD is on no branch`,
    {
      details: { commit },
    },
  );
}

/** Reading a tree into an index takes memory for every path. */
async function refuseTooManyFiles(view: ObjectView, head: string): Promise<void> {
  const list = [...gitWords(view), "ls-tree", "-r", "-z", "--name-only", head] as const;
  let [files, bytes] = [0, 0];
  try {
    for await (const chunk of runPipe([list], "", { cwd: view.commonDir, env: view.env })) {
      bytes += chunk.length;
      for (let at = chunk.indexOf(0); at !== -1; at = chunk.indexOf(0, at + 1)) files += 1;
      if (files > MAX_FILES || bytes > MAX_NAME_BYTES) {
        throw new DevkitError("E_PACK_REFUSED", `${head} has more files than any worktree`);
      }
    }
  } catch (error) {
    if (isDevkitError(error)) throw error;
    throw new DevkitError("E_PACK_REFUSED", `git cannot list the files of ${head}`, { cause: error });
  }
}
