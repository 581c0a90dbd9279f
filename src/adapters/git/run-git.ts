import { simpleGit } from "simple-git";
import { DevkitError, errorMessage } from "../../base/errors.js";

/** Runs git with these arguments and answers its standard output. */
export type RunGit = (...args: string[]) => Promise<string>;

/**
 * No hooks, no file system monitor and no terminal prompt: the host's git must not run anything for devkit. Tracking
 * and auto-maintenance are off because devkit's commands run side by side.
 */
const SAFE = [
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
];

/** The closed list of variables git gets: an inherited GIT_DIR or GIT_INDEX_FILE must not redirect it. */
function gitEnv(): Record<string, string> {
  const env: Record<string, string> = { LC_ALL: "C" };
  for (const name of ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "USER"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/**
 * git in one directory, which must exist; with `gitDir`, on that git dir whatever the directory.
 * @throws DevkitError E_GIT_MISSING, E_DISK_FULL, E_READ_ONLY or E_GIT with git's own first line.
 */
export function createGit(directory: string, gitDir?: string): RunGit {
  const git = simpleGit({
    baseDir: directory,
    maxConcurrentProcesses: 8,
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      // Only for git's own directory of a linked worktree, which devkit looked up itself.
      allowUnsafeConfigPaths: gitDir !== undefined,
    },
  }).env(gitEnv());
  const where = gitDir === undefined ? [] : [`--git-dir=${gitDir}`];
  return async (...args) => {
    try {
      return await git.raw([...SAFE, ...where, ...args]);
    } catch (error) {
      throw translate(error, args);
    }
  };
}

function translate(error: unknown, args: readonly string[]): DevkitError {
  const text = errorMessage(error);
  if (/spawn git ENOENT/.test(text)) {
    return new DevkitError("E_GIT_MISSING", "git is not installed or not on PATH", {
      hint: "install it, for example: sudo apt-get install git",
    });
  }
  const what = `git ${args.find((arg) => !arg.startsWith("-")) ?? ""}`.trim();
  const line = firstTellingLine(text);
  const details = { git: args, output: text.slice(0, 4000) };
  if (/No space left on device/i.test(text)) {
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
