import { lstat, readFile, stat } from "node:fs/promises";
import path from "node:path";

/** A main worktree and its git dir. */
interface PlainPrimary {
  readonly root: string;
  readonly commonDir: string;
}

/** What can make git look elsewhere than the usual places, or refuse. A key without a value is true. */
const UNUSUAL = /worktree|include|extensions|\bbare\b(?!\s*=\s*false\s*$)/im;
const MAX_CONFIG = 1024 * 1024;

/**
 * Where the primary is, in the plain case: a `.git` directory of our own above `directory`, on the same file system, whose
 * settings say nothing of other places. Undefined for everything else, which git has to be asked about: starting git
 * takes longer than all else that a command on tasks does.
 */
export async function findPlainPrimary(directory: string): Promise<PlainPrimary | undefined> {
  const { dev } = await stat(directory);
  for (let at = directory; ; at = path.dirname(at)) {
    const info = await stat(at);
    // git stops at file systems, and takes a directory for a git dir by what is in it.
    if (info.dev !== dev || (await isThere(path.join(at, "HEAD")))) return undefined;
    const commonDir = path.join(at, ".git");
    const git = await lstat(commonDir).catch(() => undefined);
    if (git !== undefined) {
      const isOurs = [info.uid, git.uid].every((uid) => uid === process.geteuid?.());
      const isPlain = git.isDirectory() && isOurs && (await hasPlainConfig(commonDir));
      return isPlain ? { root: at, commonDir } : undefined;
    }
    if (at === path.dirname(at)) return undefined;
  }
}

async function hasPlainConfig(gitDir: string): Promise<boolean> {
  const parts = await Promise.all(
    ["HEAD", "objects", "refs"].map((name) => isThere(path.join(gitDir, name))),
  );
  if (parts.includes(false) || (await isThere(path.join(gitDir, "commondir")))) return false;
  const text = await readFile(path.join(gitDir, "config"), "utf8").catch(() => undefined);
  return text !== undefined && text.length <= MAX_CONFIG && !UNUSUAL.test(text);
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
