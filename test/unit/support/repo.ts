import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach } from "vitest";
import { tempDir } from "./temp.js";

const run = promisify(execFile);

let home = "";
const realHome = process.env["HOME"];

// The code under test runs git with this process's HOME: nothing of the tester's own settings may count.
beforeEach(async () => {
  home = await tempDir();
  process.env["HOME"] = home;
  await writeFile(
    path.join(home, ".gitconfig"),
    "[user]\n\tname = Tess Ter\n\temail = tess@example.com\n[init]\n\tdefaultBranch = main\n",
  );
});

afterEach(() => {
  process.env["HOME"] = realHome;
});

/** git in a directory, as the user runs it: standard output without the last line end; throws when it fails. */
export async function gitIn(directory: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: home, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1" };
  const { stdout } = await run("git", args, { cwd: directory, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.replace(/\n$/, "");
}

/** A real repository in a directory of the test's own. */
export interface Repo {
  readonly root: string;
  readonly commonDir: string;
  git(...args: string[]): Promise<string>;
  /** Writes a file of the main worktree. */
  write(file: string, text: string): Promise<void>;
  /** Commits everything there is and answers the commit's id. */
  commit(message: string): Promise<string>;
}

export interface RepoOptions {
  /** Path below a new directory. */
  readonly at?: string;
  readonly init?: readonly string[];
  /** Of the first commit; none at all: no commit. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function createRepo({ at = "demo", init = [], files }: RepoOptions = {}): Promise<Repo> {
  const root = path.join(await tempDir(), at);
  await mkdir(root, { recursive: true });
  const repo: Repo = {
    root,
    commonDir: path.join(root, ".git"),
    git: (...args) => gitIn(root, ...args),
    async write(file, text) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), text);
    },
    async commit(message) {
      await commitAll(root, message);
      return gitIn(root, "rev-parse", "HEAD");
    },
  };
  await repo.git("init", "-q", ...init);
  const first = files ?? { "README.md": "# demo\n", "src/app.js": "1;\n" };
  for (const [file, text] of Object.entries(first)) await repo.write(file, text);
  if (Object.keys(first).length > 0) await commitAll(root, "first");
  return repo;
}

async function commitAll(root: string, message: string): Promise<void> {
  await gitIn(root, "add", "-A");
  await gitIn(root, "commit", "-q", "--allow-empty", "-m", message);
}

/** Everything of a repository's git dir that a command may have changed. */
export async function describeRepo(repo: Repo): Promise<string> {
  const parts = [
    repo.git("for-each-ref"),
    repo.git("config", "--local", "--list"),
    repo.git("worktree", "list", "--porcelain"),
    repo.git("status", "--porcelain"),
    repo.git("symbolic-ref", "-q", "HEAD"),
    repo.git("count-objects", "-v"),
  ];
  return (await Promise.all(parts)).join("\n");
}
