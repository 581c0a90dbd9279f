import { simpleGit, type SimpleGit } from "simple-git";
import { DevkitError, errorMessage } from "../../base/errors.js";

/** Runs git with these arguments and answers its standard output. */
export type RunGit = (...args: string[]) => Promise<string>;

/**
 * No hooks, no file system monitor and no terminal prompt: the host's git must not run anything for devkit. Tracking
 * and auto-maintenance are off because devkit's commands run side by side.
 */
export const SAFE = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "gc.auto=0",
  "-c",
  "maintenance.auto=false",
  "-c",
  "branch.autoSetupMerge=false",
  // An index that devkit copies has to be whole, and readable for the git of an agent's image.
  "-c",
  "core.splitIndex=false",
  "-c",
  "core.untrackedCache=false",
  "-c",
  "index.skipHash=false",
  "-c",
  "submodule.recurse=false",
];

/** The closed list of variables git gets: an inherited GIT_DIR or GIT_INDEX_FILE must not redirect it. */
export function gitEnv(): Record<string, string> {
  // git-lfs downloads nothing in a checkout; `checkoutLfs` puts in what is in the local store.
  const env: Record<string, string> = { LC_ALL: "C", GIT_LFS_SKIP_SMUDGE: "1" };
  for (const name of ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "USER"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/**
 * git in one directory, which must exist; with `gitDir`, on that git dir whatever the directory. `patienceMs`: how long it
 * may be silent, for a directory in which an agent can put a pipe in the place of a file that git reads.
 * @throws DevkitError E_GIT_MISSING, E_DISK_FULL, E_READ_ONLY, E_TIMEOUT or E_GIT with git's own first line.
 */
export function createGit(
  directory: string,
  gitDir?: string,
  patienceMs?: number,
  workTree?: string,
): RunGit {
  const where = [
    ...(gitDir === undefined ? [] : [`--git-dir=${gitDir}`]),
    ...(workTree === undefined ? [] : [`--work-tree=${workTree}`]),
  ];
  let git: SimpleGit | undefined;
  return async (...args) => {
    try {
      git ??= open(directory, gitDir !== undefined, patienceMs);
      return await git.raw([...SAFE, ...where, ...args]);
    } catch (error) {
      throw translateGitError(error, args);
    }
  };
}

/** Throws when the directory does not exist. `onGitDir`: only for git's own directory of a worktree that devkit looked up. */
function open(directory: string, onGitDir: boolean, patienceMs: number | undefined): SimpleGit {
  const unsafe = {
    allowUnsafeHooksPath: true,
    allowUnsafeFsMonitor: true,
    allowUnsafeFilter: true,
    allowUnsafeConfigPaths: onGitDir,
  };
  const allowEnvironment = ["GIT_LFS_SKIP_SMUDGE"];
  const timeout = patienceMs === undefined ? {} : { timeout: { block: patienceMs } };
  const options = {
    baseDir: directory,
    maxConcurrentProcesses: 8,
    unsafe,
    allowEnvironment,
    errors: failure,
    ...timeout,
  };
  return simpleGit(options).env(gitEnv());
}

/** simple-git takes a git that failed without a word, or was killed, for one that succeeded. */
function failure(
  error: Buffer | Error | undefined,
  result: { exitCode: number; stdErr: Buffer[] },
): Buffer | Error | undefined {
  if (error !== undefined || result.exitCode === 0) return error;
  return new Error(Buffer.concat(result.stdErr).toString("utf8") || `ended with ${String(result.exitCode)}`);
}

/** The error of a git that failed, from what it said. */
export function translateGitError(error: unknown, args: readonly string[]): DevkitError {
  const text = errorMessage(error);
  if (/spawn git ENOENT/.test(text)) {
    return new DevkitError("E_GIT_MISSING", "git is not installed or not on PATH", {
      hint: "install it, for example: sudo apt-get install git",
    });
  }
  const command = args.find((arg, position) => !arg.startsWith("-") && args[position - 1] !== "-c");
  const what = `git ${command ?? ""}`.trim();
  if (/block timeout reached/.test(text)) {
    return new DevkitError("E_TIMEOUT", `${what} did not answer: a file that it reads may be a pipe`, {
      hint: "look for what is no regular file: find . -type p -name '.git*'",
    });
  }
  const line = firstTellingLine(text);
  const details = { git: args, output: text.slice(0, 4000) };
  if (
    /No space left on device|[Cc]ould not write new index|unable to write (new )?(index|file)/i.test(text)
  ) {
    return new DevkitError("E_DISK_FULL", `${what}: the disk is full`, {
      hint: "free some space and run the same command again; it goes on where it stopped",
      details,
    });
  }
  if (/Read-only file system|Permission denied/i.test(text)) {
    return new DevkitError("E_READ_ONLY", `${what}: ${line}`, {
      hint: "devkit has to write in the repository: check its owner and that the file system is writable",
      details,
    });
  }
  return new DevkitError("E_GIT", `${what}: ${line}`, { details, cause: error });
}

function firstTellingLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const telling = lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.find((line) => line !== "");
  return (telling ?? "failed without a message").replace(/^(fatal|error): /, "");
}
