import { readFile, readdir, readlink, rm } from "node:fs/promises";
import path from "node:path";
import { waitFor } from "../../base/wait.js";

/**
 * Removes git's lock files of an interrupted checkout. A devkit that was killed leaves its git running: as long as a
 * process still works in the directory, the lock is not stale, so this waits for it to end.
 */
export async function clearStaleLocks(
  worktree: string,
  adminDir: string,
  names: readonly string[] = ["index.lock", "HEAD.lock"],
): Promise<void> {
  const there = await readdir(adminDir);
  const locks = names.filter((name) => there.includes(name));
  if (locks.length === 0) return;
  await waitFor(async () => ((await hasGitIn(worktree)) ? undefined : true), {
    deadlineMs: 600_000,
    intervalMs: 20,
    what: `an earlier git to finish in ${worktree}`,
  });
  for (const name of locks) await rm(path.join(adminDir, name), { force: true });
}

/** Whether a git process has the directory as its working directory; where there is no /proc, none is found. */
async function hasGitIn(directory: string): Promise<boolean> {
  const names = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      return (
        cwd === directory && (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).startsWith("git")
      );
    }),
  );
  return found.includes(true);
}
