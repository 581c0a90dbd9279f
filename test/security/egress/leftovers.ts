import { readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const CGROUPS = "/sys/fs/cgroup";

/** What rigs of tests that were killed left: folders and empty cgroups. Their processes and networks ended with them. */
export async function removeDeadRigs(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = /^devkit-rig-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await removeCgroups(name);
    await rm(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** One with this name in each hierarchy; those of containers in it are empty, too, once their engine is gone. */
export async function removeCgroups(name: string): Promise<void> {
  const hierarchies = await readdir(CGROUPS).catch(() => []);
  for (const hierarchy of ["", ...hierarchies]) await removeCgroup(path.join(CGROUPS, hierarchy, name));
}

async function removeCgroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isDirectory()))
    await removeCgroup(path.join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
