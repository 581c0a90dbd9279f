import { mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { npmFailure } from "./npm-failure.js";
import { runProcess } from "./run-process.js";

const BRING_NODE = 'use a base image that brings Node: [image] base = "node:24-bookworm-slim"';

/**
 * The tarball of an npm package, fetched by the user's own npm: its registry, credentials, proxy and certificates
 * apply, and npm checks the integrity. A pinned version is kept in `cacheDir`.
 */
export async function packNpm(specifier: string, cacheDir: string, signal: AbortSignal): Promise<Buffer> {
  const file = path.join(cacheDir, `${specifier.replaceAll(/[^a-z0-9.-]/gi, "_")}.tgz`);
  const cached = await readFile(file).catch(() => undefined);
  if (cached !== undefined) return cached;
  await mkdir(cacheDir, { recursive: true });
  const directory = await mkdtemp(path.join(cacheDir, ".pack-"));
  try {
    const args = ["pack", specifier, "--pack-destination", directory, "--silent"];
    const result = await runProcess("npm", args, { cwd: directory, signal });
    const [name] = (await readdir(directory)).filter((entry) => entry.endsWith(".tgz"));
    if (result.exitCode !== 0 || name === undefined) throw npmFailure(specifier, result, BRING_NODE);
    await rename(path.join(directory, name), file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return readFile(file);
}
