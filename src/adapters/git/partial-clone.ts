import { DevkitError, isDevkitError } from "../../base/errors.js";
import { parseGitConfigList } from "../../domain/custody/git-config.js";
import { promisorRemote } from "../../domain/custody/lent-config.js";
import type { RunGit } from "./run-git.js";

type InTurn = <T>(job: () => Promise<T>) => Promise<T>;

/**
 * Runs a checkout of a worktree's HEAD in what may be a partial clone, where it fetches the files that are missing: one
 * checkout at a time, so that several of the same commit fetch them once. Answers how many objects came.
 */
export async function fetchingOnce(
  git: RunGit,
  inTurn: InTurn,
  checkout: () => Promise<unknown>,
): Promise<number> {
  const remote = promisorRemote(parseGitConfigList(await git("config", "--null", "--list")));
  if (remote === undefined) {
    await checkout();
    return 0;
  }
  return inTurn(async () => {
    const before = await countMissing(git);
    try {
      await checkout();
    } catch (error) {
      throw explain(error, remote);
    }
    return before === 0 ? 0 : before - (await countMissing(git));
  });
}

async function countMissing(git: RunGit): Promise<number> {
  const objects = await git("rev-list", "--objects", "--no-walk", "--missing=print", "HEAD");
  return objects.split("\n").filter((line) => line.startsWith("?")).length;
}

function explain(error: unknown, remote: string): unknown {
  if (!isDevkitError(error) || !/promisor remote|could not fetch/.test(String(error.details["output"])))
    return error;
  return new DevkitError(
    "E_GIT",
    `${error.message}: this is a partial clone, and ${remote} does not answer`,
    {
      hint: `see whether it does, and run the same command again: git fetch ${remote}`,
      details: error.details,
      cause: error,
    },
  );
}
