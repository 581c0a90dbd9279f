import { realpath } from "node:fs/promises";
import path from "node:path";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { createGit, type RunGit } from "./run-git.js";

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
  const asked = await realpath(directory).catch(() => {
    throw new DevkitError("E_NOT_A_REPOSITORY", `${directory} does not exist`, {
      hint: "check the path given with -C",
    });
  });
  const git = createGit(asked);
  const answer = await git("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir").catch(
    (error: unknown) => {
      throw explain(error, asked);
    },
  );
  const [gitDir = "", commonText = ""] = answer.split("\n");
  const commonDir = await realpath(commonText);
  const root = await findPrimary(git, asked, { commonDir, isLinked: gitDir !== commonText });
  refuseInsideAgent(asked, root);
  return { root, commonDir };
}

interface Found {
  readonly commonDir: string;
  /** The directory is in a linked worktree, or the git dir is not where it usually is. */
  readonly isLinked: boolean;
}

async function findPrimary(git: RunGit, asked: string, { commonDir, isLinked }: Found): Promise<string> {
  const isUsual = path.basename(commonDir) === ".git";
  const answer =
    isLinked || !isUsual ? await git("config", "--type=bool", "--default=false", "core.bare") : "false";
  const isBare = answer.trim() === "true";
  if (isUsual && !isBare) return path.dirname(commonDir);
  if (isBare) {
    throw new DevkitError("E_BARE_REPOSITORY", `${asked} belongs to a bare repository`, {
      hint: `devkit needs a main worktree: git clone ${commonDir} work && cd work`,
    });
  }
  // A submodule or --separate-git-dir: the git dir does not tell where the files are, the worktree itself does.
  return realpath((await git("rev-parse", "--path-format=absolute", "--show-toplevel")).trim());
}

function refuseInsideAgent(asked: string, root: string): void {
  const agents = path.join(root, ".devkit", "agents");
  if (!isWithin(asked, agents) || asked === agents) return;
  const [name = ""] = path.relative(agents, asked).split(path.sep);
  throw new DevkitError("E_INSIDE_AGENT", `this directory is the worktree of ${name}, not the project`, {
    hint: `run devkit from the project: cd ${root}`,
  });
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
