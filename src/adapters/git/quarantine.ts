import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { withFileErrors } from "../fs/translate.js";
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

/**
 * Nothing of a pack that is refused, or of a sync that is killed, ever stands in the primary's object directory. `owner`:
 * whose it is, one at a time; what a killed process left of theirs goes.
 */
export async function withQuarantine<T>(
  commonDir: string,
  owner: string,
  use: (quarantine: Quarantine) => Promise<T>,
): Promise<T> {
  const objects = path.join(commonDir, "objects");
  const prefix = `${PREFIX}${owner}-`;
  const what = `cannot write in ${objects}`;
  const directory = await withFileErrors(what, async () => {
    await removeStale(objects, prefix);
    return mkdtemp(path.join(objects, prefix));
  });
  try {
    await withFileErrors(what, async () => {
      await mkdir(path.join(directory, "info"));
      await writeFile(path.join(directory, "info", "alternates"), `${objects}\n`);
    });
    const env = { ...gitEnv(), GIT_OBJECT_DIRECTORY: directory };
    return await use({ env, release: () => withFileErrors(what, () => release(directory, objects)) });
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

async function removeStale(objects: string, prefix: string): Promise<void> {
  const names = (await readdir(objects)).filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => rm(path.join(objects, name), { recursive: true, force: true })));
}
