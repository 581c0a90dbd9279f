import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { findInsideAgent } from "./inside-agent.js";
import { findPlainPrimary } from "./plain-primary.js";
import type { RunGit } from "./run-git.js";

export interface ProjectLocation {
  /** The primary: the main worktree's real path. */
  readonly root: string;
  /** Real path of the git dir all worktrees share. */
  readonly commonDir: string;
}

/**
 * Finds the repository a directory belongs to, from the primary or any linked worktree of the user's own.
 * @throws DevkitError E_NOT_A_REPOSITORY, E_BARE_REPOSITORY, E_INSIDE_AGENT
 */
export async function locateProject(directory: string): Promise<ProjectLocation> {
  const asked = await requireDirectory(directory);
  await refuseInsideAgent(asked);
  const plain = await findPlainPrimary(asked);
  if (plain !== undefined) return plain;
  const { createGit } = await import("./run-git.js");
  const git = createGit(asked);
  const questions = ["--git-dir", "--git-common-dir", "--is-bare-repository"];
  const answer = await git("rev-parse", "--path-format=absolute", ...questions).catch((error: unknown) => {
    throw explain(error, asked);
  });
  const [gitDir = "", commonText = "", bare] = answer.split("\n");
  const commonDir = await realpath(commonText);
  const isLinked = gitDir !== commonText;
  // Inside a linked worktree git answers for that one; what it belongs to may be bare all the same.
  const setting = isLinked ? await git("config", "--type=bool", "--default=false", "core.bare") : "";
  if (bare === "true" || setting.trim() === "true") {
    throw new DevkitError("E_BARE_REPOSITORY", `${asked} belongs to a bare repository`, {
      hint: `devkit needs a main worktree: git clone ${commonDir} work && cd work`,
    });
  }
  return { root: await findPrimary(git, commonDir, isLinked), commonDir };
}

async function requireDirectory(directory: string): Promise<string> {
  const found = await realpath(directory).catch(() => undefined);
  if (found !== undefined && (await stat(found)).isDirectory()) return found;
  const what = found === undefined ? "does not exist" : "is not a directory";
  throw new DevkitError("E_NOT_A_REPOSITORY", `${directory} ${what}`, {
    hint: "check the path given with -C",
  });
}

/** The primary's real path; its git dir need not be in it (a submodule, --separate-git-dir). */
async function findPrimary(git: RunGit, commonDir: string, isLinked: boolean): Promise<string> {
  if (path.basename(commonDir) === ".git") return path.dirname(commonDir);
  if (!isLinked)
    return realpath((await git("rev-parse", "--path-format=absolute", "--show-toplevel")).trim());
  const worktree = (await git("config", "--default=", "core.worktree")).trim();
  if (worktree !== "") return realpath(path.resolve(commonDir, worktree));
  throw new DevkitError("E_NOT_A_REPOSITORY", `git does not say where the main worktree of ${commonDir} is`, {
    hint: "run devkit from the main worktree",
  });
}

/** Before any git runs there: a repository in an agent's worktree would be the agent's own. */
async function refuseInsideAgent(asked: string): Promise<void> {
  const found = await findInsideAgent(asked);
  if (found === undefined) return;
  throw new DevkitError(
    "E_INSIDE_AGENT",
    `this directory is the worktree of ${found.name}, not the project`,
    {
      hint:
        found.root === undefined
          ? "run devkit from the project's main worktree: git worktree list"
          : `run devkit from the project: cd ${found.root}`,
      details: { agent: found.name, root: found.root ?? null },
    },
  );
}

function explain(error: unknown, asked: string): unknown {
  if (!isDevkitError(error) || error.code !== "E_GIT") return error;
  if (/dubious ownership/.test(error.message)) {
    return new DevkitError("E_NOT_A_REPOSITORY", `git does not trust ${asked}: it belongs to another user`, {
      hint: `if you trust it: git config --global --add safe.directory ${asked}`,
      cause: error,
    });
  }
  if (/not a git repository/.test(error.message)) {
    return new DevkitError("E_NOT_A_REPOSITORY", `${asked} is not inside a git repository`, {
      hint: "cd into one, name one with -C DIR, or make one: git init && git commit --allow-empty -m start",
      cause: error,
    });
  }
  return error;
}
