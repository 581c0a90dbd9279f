import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { gitEnv } from "./run-git.js";

/** An object directory of its own for what an agent sends; git reads it together with the primary's objects. */
export interface Quarantine {
  /** For every git that has to see what is in it, and the only place where that git writes objects. */
  readonly env: Record<string, string>;
  /** Moves everything into the primary's object directory: it has been checked. */
  readonly release: () => Promise<void>;
}

/** git's own prefix for this (git-receive-pack(1)): `git gc` sweeps what a killed process leaves. */
const PREFIX = "tmp_objdir-devkit-";
const STALE_MS = 24 * 60 * 60 * 1000;

/** Nothing of a pack that is refused, or of a sync that is killed, ever stands in the primary's object directory. */
export async function withQuarantine<T>(
  commonDir: string,
  use: (quarantine: Quarantine) => Promise<T>,
): Promise<T> {
  const objects = path.join(commonDir, "objects");
  await removeStale(objects);
  const directory = await mkdtemp(path.join(objects, PREFIX));
  try {
    await mkdir(path.join(directory, "info"));
    await writeFile(path.join(directory, "info", "alternates"), `${objects}\n`);
    const env = { ...gitEnv(), GIT_OBJECT_DIRECTORY: directory };
    return await use({ env, release: () => release(directory, objects) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function release(directory: string, objects: string): Promise<void> {
  const { mode } = await stat(objects);
  const names = (await readdir(directory)).filter((name) => name === "pack" || /^[0-9a-f]{2}$/.test(name));
  for (const name of names) {
    const target = path.join(objects, name);
    await mkdir(target, { mode, recursive: true });
    const files = (await readdir(path.join(directory, name))).sort(byAppearance);
    for (const file of files) await rename(path.join(directory, name, file), path.join(target, file));
  }
}

/** A pack counts from the moment its index is there. */
function byAppearance(a: string, b: string): number {
  return Number(a.endsWith(".idx")) - Number(b.endsWith(".idx"));
}

async function removeStale(objects: string): Promise<void> {
  const names = (await readdir(objects)).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const directory = path.join(objects, name);
    const age = Date.now() - (await stat(directory).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > STALE_MS) await rm(directory, { recursive: true, force: true });
  }
}
