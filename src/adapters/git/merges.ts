import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Merges } from "../../app/ports-merging.js";
import { parseChanges } from "../../domain/custody/file-changes.js";
import type { CommitInfo } from "../../domain/custody/merge.js";
import { commitTree } from "./commit-tree.js";
import { mergeTrees } from "./merge-trees.js";
import { createRawGit, type RawGit } from "./raw-git.js";
import { replay } from "./replay.js";

interface Places {
  readonly root: string;
  readonly commonDir: string;
}

/** Merges by `git merge-tree --write-tree` in the primary, whose attributes and merge drivers it follows as `git merge` would. */
export function createGitMerges({ root, commonDir }: Places): Merges {
  return mergesWith(createRawGit(root), { commonDir, root, sign: true });
}

function mergesWith(git: RawGit, places: Places & { readonly sign: boolean }): Merges {
  return {
    async isAncestor(older, newer) {
      return (await git(["merge-base", "--is-ancestor", older, newer], { answers: [0, 1] })).exitCode === 0;
    },
    async mergeBase(one, other) {
      const { stdout } = await git(["merge-base", one, other], { answers: [0, 1] });
      return stdout.trim() || undefined;
    },
    commitsSince: (base, tip) => listCommits(git, [tip, `^${base}`]),
    async hasMerges(base, tip) {
      return (await git(["rev-list", "--merges", "-n", "1", tip, `^${base}`])).stdout !== "";
    },
    treeOf: async (commit) => (await git(["rev-parse", "--verify", `${commit}^{tree}`])).stdout.trim(),
    mergeTrees: (ours, theirs) => mergeTrees(git, ours, theirs),
    commit: async (request) => commitTree(git, request, { sign: places.sign && (await shouldSign(git)) }),
    replay: async (onto, tip) => replay(git, onto, tip, { sign: places.sign && (await shouldSign(git)) }),
    async changes(from, to) {
      const flags = ["-r", "-z", "-M", "--raw", "--numstat", "--no-ext-diff", "--no-textconv"];
      return parseChanges((await git(["diff-tree", ...flags, from, to])).stdout);
    },
    aside: (use) => aside(places, use),
  };
}

async function shouldSign(git: RawGit): Promise<boolean> {
  return (await git(["config", "--type=bool", "--default=false", "commit.gpgSign"])).stdout.trim() === "true";
}

export async function listCommits(git: RawGit, range: readonly string[]): Promise<CommitInfo[]> {
  const format = ["--no-show-signature", "--no-color", "--encoding=UTF-8", "-z", "--format=%H%x00%s"];
  const { stdout } = await git(["log", "--reverse", "--topo-order", ...format, ...range, "--"]);
  const fields = Buffer.from(stdout, "latin1").toString("utf8").split("\0");
  const commits: CommitInfo[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    commits.push({ oid: fields[at] ?? "", subject: fields[at + 1] ?? "" });
  }
  return commits;
}

/** New objects go to a directory that borrows the primary's, and is gone afterwards. */
async function aside<T>(places: Places, use: (merges: Merges) => Promise<T>): Promise<T> {
  const objects = await mkdtemp(path.join(tmpdir(), "devkit-merge-"));
  try {
    await mkdir(path.join(objects, "info"));
    await writeFile(path.join(objects, "info", "alternates"), `${path.join(places.commonDir, "objects")}\n`);
    const git = createRawGit(places.root, { GIT_OBJECT_DIRECTORY: objects });
    return await use(mergesWith(git, { ...places, sign: false }));
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}
