import type { CommitInfo, Replay } from "../../domain/custody/merge.js";
import { commitTree, type Author } from "./commit-tree.js";
import { mergeTrees } from "./merge-trees.js";
import type { RawGit } from "./raw-git.js";

interface Commit extends CommitInfo {
  readonly parent: string | undefined;
  readonly tree: string;
  readonly author: Author;
  readonly message: string;
}

/** Identity of commits that nobody will see. */
const NOBODY = { GIT_AUTHOR_NAME: "devkit", GIT_AUTHOR_EMAIL: "devkit", GIT_COMMITTER_NAME: "devkit" };

/**
 * Makes commits again on another tip, one by one, the way `git rebase` does: merges are left out, and so is what the
 * tip has already; author and date stay.
 */
export async function replay(
  git: RawGit,
  onto: string,
  tip: string,
  { sign }: { readonly sign: boolean },
): Promise<Replay> {
  const state = { tip: onto, tree: await treeOf(git, onto), replayed: 0, dropped: 0 };
  for (const oid of await listReplayed(git, onto, tip)) {
    const commit = await loadCommit(git, oid);
    if (commit.parent === state.tip) {
      Object.assign(state, { tip: oid, tree: commit.tree, replayed: state.replayed + 1 });
      continue;
    }
    const merged = await applyOnto(git, state, commit);
    if (merged.conflicts.length > 0) {
      return { ...state, stopped: { commit, conflicts: merged.conflicts } };
    }
    const hadChanges = commit.parent === undefined || (await treeOf(git, commit.parent)) !== commit.tree;
    if (merged.tree === state.tree && hadChanges) {
      state.dropped += 1;
      continue;
    }
    const { author, message } = commit;
    const made = await commitTree(
      git,
      { tree: merged.tree, parents: [state.tip], message },
      { sign, author },
    );
    Object.assign(state, { tip: made, tree: merged.tree, replayed: state.replayed + 1 });
  }
  return { ...state, stopped: undefined };
}

/** What one commit changed, on top of another tree. git < 2.40 cannot be told the base, so the tip becomes its sibling. */
async function applyOnto(git: RawGit, { tree }: { readonly tree: string }, commit: Commit) {
  const parents = commit.parent === undefined ? [] : [commit.parent];
  const email = { GIT_COMMITTER_EMAIL: "devkit" };
  const sibling = await commitTree(
    (args, options) => git(args, { ...options, env: { ...NOBODY, ...email } }),
    { tree, parents, message: "" },
    { sign: false },
  );
  const flags = commit.parent === undefined ? ["--allow-unrelated-histories"] : [];
  return (await mergeTrees(git, sibling, commit.oid, flags)) ?? { tree, conflicts: [] };
}

async function listReplayed(git: RawGit, onto: string, tip: string): Promise<string[]> {
  const flags = ["--reverse", "--topo-order", "--no-merges", "--cherry-pick", "--right-only"];
  const { stdout } = await git(["rev-list", ...flags, `${onto}...${tip}`]);
  return stdout.split("\n").filter((line) => line !== "");
}

async function treeOf(git: RawGit, commit: string): Promise<string> {
  return (await git(["rev-parse", "--verify", `${commit}^{tree}`])).stdout.trim();
}

async function loadCommit(git: RawGit, oid: string): Promise<Commit> {
  const format = ["%P", "%T", "%an", "%ae", "%ad", "%s", "%B"].join("%x00");
  const flags = ["--no-show-signature", "--no-color", "--encoding=UTF-8", "--date=raw", "-s"];
  const { stdout } = await git(["show", ...flags, `--format=${format}`, oid, "--"]);
  const fields = Buffer.from(stdout, "latin1").toString("utf8").split("\0");
  const [parents = "", tree = "", name = "", email = "", date = "", subject = "", ...message] = fields;
  // `git show` ends the format with a line end of its own.
  const text = message.join("\0").replace(/\n$/, "");
  return {
    oid,
    parent: parents.split(" ")[0] || undefined,
    tree,
    author: { name, email, date },
    subject,
    message: text,
  };
}
