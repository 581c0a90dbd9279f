import { DevkitError, isDevkitError } from "../../base/errors.js";
import { parseTreeMerge, type TreeMerge } from "../../domain/custody/tree-merge.js";
import type { RawGit } from "./raw-git.js";

const NEEDED = "2.38";
/** git's exit code for options it does not know. */
const USAGE = 129;

/**
 * Merges two commits in the object database; undefined when they have no common history.
 * @throws DevkitError E_TOOL_MISSING for a git that cannot do this yet
 */
export async function mergeTrees(
  git: RawGit,
  ours: string,
  theirs: string,
  flags: readonly string[] = [],
): Promise<TreeMerge | undefined> {
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--messages", ...flags, ours, theirs];
  try {
    const { exitCode, stdout } = await git(args, { answers: [0, 1, USAGE] });
    if (exitCode === USAGE) throw await tooOld(git);
    return parseTreeMerge(stdout);
  } catch (error) {
    if (isDevkitError(error) && /refusing to merge unrelated histories/.test(error.message)) return undefined;
    throw error;
  }
}

async function tooOld(git: RawGit): Promise<DevkitError> {
  const version = (await git(["--version"])).stdout.trim().replace(/^git version /, "");
  return new DevkitError(
    "E_TOOL_MISSING",
    `git ${version} cannot merge without touching files; git ${NEEDED} or later can`,
    {
      hint: `install a git of at least ${NEEDED}, and see which one is used: git --version`,
      details: { version, needed: NEEDED },
    },
  );
}
