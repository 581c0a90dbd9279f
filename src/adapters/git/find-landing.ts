import type { Landing } from "../../domain/worktrees/prune.js";
import { patchFingerprint } from "../../domain/worktrees/patch.js";
import { isDevkitError } from "../../base/errors.js";
import type { RunGit } from "./run-git.js";

/** How many commits of the base are looked at, newest first; and of a branch whose commits landed one by one. */
const BASE_LIMIT = 1000;
const BRANCH_LIMIT = 100;

/**
 * How the commits of a branch got into the base: as they are, with the same files at some time since, as a patch
 * (a squash or a rebase), or not at all because together they change nothing. Undefined when they did not, or not so that it can be seen.
 */
export async function findLanding(git: RunGit, tip: string, base: string): Promise<Landing | undefined> {
  if ((await git("rev-list", "--count", "--max-count=1", tip, `^${base}`)).trim() === "0") return "ancestor";
  const fork = await findFork(git, tip, base);
  if (fork === undefined) return undefined;
  const limit = `--max-count=${String(BASE_LIMIT)}`;
  const [tree, trees] = await Promise.all([
    git("rev-parse", `${tip}^{tree}`),
    git("log", limit, "--no-show-signature", "--format=%T", `${fork}..${base}`),
  ]);
  const forkTree = await git("rev-parse", `${fork}^{tree}`);
  if (forkTree.trim() === tree.trim()) return "empty";
  if (trees.split("\n").includes(tree.trim())) return "tree";
  return (await hasPatch(git, fork, tip, base)) ? "patch" : undefined;
}

async function findFork(git: RunGit, tip: string, base: string): Promise<string | undefined> {
  try {
    return (await git("merge-base", base, tip)).trim() || undefined;
  } catch (error) {
    // Histories without a common commit: git says so with its exit code only.
    if (isDevkitError(error) && error.code === "E_GIT") return undefined;
    throw error;
  }
}

/** The branch as one patch, or each of its commits, is among the commits of the base since they parted. */
async function hasPatch(git: RunGit, fork: string, tip: string, base: string): Promise<boolean> {
  const candidates = await listPaths(git, `--max-count=${String(BASE_LIMIT)}`, `${fork}..${base}`);
  const landed = async (from: string, to: string) => {
    const paths = (await git("diff-tree", "-r", "--no-renames", "--name-only", from, to)).trim();
    const same = candidates.filter((one) => one.paths === paths);
    if (paths === "" || same.length === 0) return paths === "";
    const wanted = await fingerprint(git, from, to);
    for (const { oid } of same) if ((await fingerprint(git, `${oid}^`, oid)) === wanted) return true;
    return false;
  };
  if (candidates.length === 0) return false;
  if (await landed(fork, tip)) return true;
  const own = (
    await git("rev-list", "--parents", `--max-count=${String(BRANCH_LIMIT + 1)}`, `${fork}..${tip}`)
  )
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
  if (own.length > BRANCH_LIMIT || own.some((line) => line.length !== 2)) return false;
  for (const [oid = "", parent = ""] of own) if (!(await landed(parent, oid))) return false;
  return true;
}

/** Commits with one parent and the paths each changes, so that only the few that could be the same are compared. */
async function listPaths(git: RunGit, ...range: string[]): Promise<{ oid: string; paths: string }[]> {
  const flags = ["--no-show-signature", "--max-parents=1", "--min-parents=1", "--no-renames", "--name-only"];
  const text = await git("log", ...flags, "--format=%x00%H", ...range);
  return text
    .split("\0")
    .filter((record) => record.trim() !== "")
    .map((record) => {
      const [oid = "", ...paths] = record.trim().split("\n");
      return { oid, paths: paths.join("\n").trim() };
    });
}

async function fingerprint(git: RunGit, from: string, to: string): Promise<string> {
  const flags = ["-r", "-p", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  return patchFingerprint(await git("diff-tree", ...flags, from, to));
}
