import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { npmFailure } from "./npm-failure.js";
import { runProcess } from "./run-process.js";

/**
 * A directory with npm packages and all they need, as an engine of that architecture runs them, fetched by the user's own
 * npm. No script of a package runs here, and none is fetched with git: those of the packages named run in the image. What
 * was fetched is kept in `cacheDir`.
 * @throws DevkitError E_IMAGE_BUILD, E_TOOL_MISSING
 */
export async function installNpm(
  { packages, cpu }: { packages: readonly string[]; cpu: string },
  cacheDir: string,
  signal: AbortSignal,
): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([packages.toSorted(), cpu]))
    .digest("hex")
    .slice(0, 16);
  const tree = path.join(cacheDir, key);
  if (existsSync(tree)) return tree;
  await mkdir(cacheDir, { recursive: true });
  const directory = await mkdtemp(path.join(cacheDir, ".install-"));
  try {
    const names = packages.map((one) => one.slice(0, one.lastIndexOf("@")));
    const allowScripts = Object.fromEntries(names.map((name) => [name, true]));
    await writeFile(path.join(directory, "package.json"), JSON.stringify({ private: true, allowScripts }));
    const args = [...["install", "--prefix", directory], ...flags(cpu), ...packages];
    const result = await runProcess("npm", args, { cwd: directory, signal });
    signal.throwIfAborted();
    if (result.exitCode !== 0) throw npmFailure(packages.join(", "), result, "take it out of [image] npm");
    // It says where each package came from, which is the host's own business.
    await rm(path.join(directory, "node_modules/.package-lock.json"), { force: true });
    await rename(directory, tree).catch((error: unknown) => {
      // Another devkit was quicker.
      if (!existsSync(tree)) throw error;
    });
    return tree;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** For the image's platform, and nothing of the user's own npm settings that would change what is installed. */
function flags(cpu: string): string[] {
  const settings = {
    os: "linux",
    cpu,
    libc: "glibc",
    global: "false",
    "ignore-scripts": "true",
    // A dependency from git runs code here all the same: its .npmrc names the program that is called as git.
    "allow-git": "none",
    // For an npm too old to know that one.
    git: "false",
    "package-lock": "false",
    "save-exact": "true",
    "engine-strict": "false",
    "install-strategy": "hoisted",
    include: "optional",
    omit: "dev",
    audit: "false",
    fund: "false",
  };
  return [...Object.entries(settings).map(([key, value]) => `--${key}=${value}`), "--loglevel=error"];
}
