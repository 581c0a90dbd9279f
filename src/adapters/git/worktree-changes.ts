import type { WorktreeChanges } from "../../app/ports-merging.js";
import { once } from "../../base/once.js";
import { DevkitError } from "../../base/errors.js";
import { MODE, parseChanges, parseRawChanges } from "../../domain/custody/file-changes.js";
import { withoutFilters } from "./filters.js";
import { createRawGit, type RawGit } from "./raw-git.js";
import { createGit } from "./run-git.js";
import { parseStatusEntries } from "./status.js";
import { findLinkedAdminDir } from "./worktree-admin.js";

/** No program of anybody's, no look into what an agent may have put in a directory, and none of the user's layout. */
const FLAGS = [
  ...["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-color", "--no-relative", "-M"],
  ...["--src-prefix=a/", "--dst-prefix=b/"],
];

/** For git where an agent can have put a pipe in the place of a file that it reads. */
const PATIENCE_MS = 60_000;

/** What agents changed, by `git diff` and `git status` on the host's own index of each worktree. */
export function createGitWorktreeChanges(places: { root: string; commonDir: string }): WorktreeChanges {
  const git = createRawGit(places.root);
  // Whichever of the user's filters an agent's .gitattributes names, none runs on its files.
  const filters = once(() => withoutFilters(createGit(places.root)));
  const inside = async (worktree: string) => [
    ...(await filters()),
    ...inWorktree(places.commonDir, worktree),
  ];
  /** One commit means: against the files. */
  const diff = async (worktree: string | undefined, base: string, tip: string) =>
    worktree === undefined
      ? { git, args: ["diff", ...FLAGS, base, tip] }
      : { git: createRawGit(worktree), args: [...(await inside(worktree)), "diff", ...FLAGS, base] };
  return {
    async files(worktree, base, tip) {
      const { git: run, args } = await diff(worktree, base, tip);
      const options = { patienceMs: PATIENCE_MS };
      return parseChanges((await run([...args, "--raw", "--numstat", "-z", "--"], options)).stdout);
    },
    async writePatch(worktree, base, tip, sink) {
      const { git: run, args } = await diff(worktree, base, tip);
      await run([...args, "--patch", "--binary", "--full-index", "--"], { output: sink });
    },
    async uncommitted(worktree) {
      const where = await inside(worktree);
      const flags = ["--porcelain", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all"];
      const { stdout } = await createRawGit(worktree)([...where, "status", ...flags], {
        patienceMs: PATIENCE_MS,
      });
      const entries = parseStatusEntries(stdout);
      const pathsOf = (isUntracked: boolean) =>
        entries.filter(({ code }) => (code === "??") === isUntracked).map((entry) => entry.path);
      return { changed: pathsOf(false), untracked: pathsOf(true) };
    },
    async gitlinks(base, tip) {
      const { stdout } = await git(["diff-tree", "-r", "-z", "--raw", "--no-renames", base, tip]);
      const isGitlink = (mode: string) => mode === MODE.gitlink;
      return parseRawChanges(stdout)
        .filter(({ oldMode, newMode }) => isGitlink(oldMode) || isGitlink(newMode))
        .map((change) => change.path);
    },
    emptyTree: () => emptyTree(git),
  };
}

/** Names git's own directory of the worktree, so that what stands in the worktree itself leads nowhere else. */
function inWorktree(commonDir: string, worktree: string): string[] {
  const admin = findLinkedAdminDir(commonDir, worktree);
  if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
  return ["--no-optional-locks", `--git-dir=${admin}`, `--work-tree=${worktree}`];
}

/** git knows it without having it. */
async function emptyTree(git: RawGit): Promise<string> {
  return (await git(["hash-object", "-t", "tree", "--stdin"])).stdout.trim();
}
