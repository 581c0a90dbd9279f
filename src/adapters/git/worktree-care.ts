import { readdir } from "node:fs/promises";
import path from "node:path";
import type { BaseCommit, CommitInfo, Upstream, WorktreeCare } from "../../app/ports-worktrees.js";
import type { GitOperation } from "../../domain/custody/git-activity.js";
import { hasEntry } from "../fs/has-entry.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { fetchRemote, pushBranches } from "./remote.js";
import { removeWorktree } from "./remove-worktree.js";
import { createGit, type RunGit } from "./run-git.js";
import { findAdminDir } from "./worktree-admin.js";

/** What git is in the middle of while a file or directory of this name is in a worktree's git dir. */
const UNFINISHED: Readonly<Record<string, GitOperation>> = {
  "rebase-merge": "rebase",
  "rebase-apply": "rebase",
  MERGE_HEAD: "merge",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  BISECT_LOG: "bisect",
};

/** Worktrees that no agent works in: there the host's git may do more than look. */
export function createGitWorktreeCare(places: { root: string; commonDir: string }): WorktreeCare {
  const { root, commonDir } = places;
  const git = createGit(root);
  return {
    findBase: (revision) => findBase(git, revision),
    findUpstream: (branch) => findUpstream(git, branch),
    async compare(tip, other) {
      const counts = (await git("rev-list", "--left-right", "--count", `${tip}...${other}`)).trim();
      const [ahead = 0, behind = 0] = counts.split("\t").map(Number);
      return { ahead, behind };
    },
    findCommit: (oid) => findCommit(git, oid),
    async hasSubmodules(worktree) {
      const admin = await findAdminDir(commonDir, worktree);
      return admin !== undefined && hasEntry(path.join(admin, "modules"));
    },
    fetch: (remote, signal) => fetchRemote(root, remote, signal),
    push: (remote, branches, signal) => pushBranches(root, remote, branches, signal),
    async fastForward(worktree, oid) {
      const flags = ["--ff-only", "--no-autostash", "--no-verify", "--quiet"];
      await createGit(worktree)("-c", "submodule.recurse=false", "merge", ...flags, oid);
    },
    remove: (request) => removeWorktree(git, request),
  };
}

/** What git is in the middle of in a worktree. */
export async function findUnfinished(commonDir: string, worktree: string): Promise<GitOperation | undefined> {
  const admin = await findAdminDir(commonDir, worktree);
  const names = admin === undefined ? [] : await readdir(admin).catch(() => []);
  const found = names.find((name) => name in UNFINISHED);
  return found === undefined ? undefined : UNFINISHED[found];
}

async function findBase(git: RunGit, revision: string): Promise<BaseCommit> {
  const ask = (...args: string[]) =>
    git("rev-parse", "--verify", ...args, "--end-of-options", revision).catch((error: unknown) => {
      if (isDevkitError(error) && error.code !== "E_GIT") throw error;
      return "";
    });
  const oid = (
    await git("rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`).catch(() => "")
  ).trim();
  if (oid === "") {
    throw new DevkitError("E_NO_COMMIT", `"${revision}" is not a commit of this repository`, {
      hint: "name a branch, tag or commit that exists: git branch --all",
    });
  }
  const ref = (await ask("--symbolic-full-name")).trim();
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const remoteBranch = /^refs\/remotes\/([^/]+)\/(.+)$/.exec(ref);
  const upstream = branch === undefined ? undefined : await findUpstream(git, branch);
  return {
    oid,
    branch: branch ?? remoteBranch?.[2],
    remote: upstream?.remote ?? remoteBranch?.[1],
    upstream: upstream?.oid,
  };
}

async function findUpstream(git: RunGit, branch: string): Promise<Upstream | undefined> {
  const format = "--format=%(refname)%00%(upstream)%00%(upstream:remotename)";
  const lines = (await git("for-each-ref", format, `refs/heads/${branch}`)).split("\n");
  const [, ref = "", remote = ""] =
    lines.map((line) => line.split("\0")).find(([name]) => name === `refs/heads/${branch}`) ?? [];
  if (ref === "") return undefined;
  const oid = (await git("for-each-ref", "--format=%(objectname)", ref)).trim();
  // A remote branch that is gone, or was never fetched, is no upstream to compare with.
  return oid === "" ? undefined : { ref, oid, remote: remote === "." || remote === "" ? undefined : remote };
}

async function findCommit(git: RunGit, oid: string): Promise<CommitInfo> {
  const text = await git("log", "-1", "--no-show-signature", "--format=%cI%x00%s", oid);
  const [time = "", subject = ""] = text.trimEnd().split("\0");
  return { oid, time, subject };
}
