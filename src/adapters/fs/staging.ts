import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { AgentPaths } from "../../domain/identity/project.js";
import { writeNewFile } from "./atomic-file.js";

/** An empty directory beside the final one, to be renamed into place when whole; those of killed runs go. */
export async function freshDirectory(paths: AgentPaths, what: "git" | "home"): Promise<string> {
  const prefix = `.${what}-`;
  const left = (await readdir(paths.state)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(path.join(paths.state, name), { recursive: true, force: true })));
  return mkdtemp(path.join(paths.state, prefix));
}

/** Writes relative path → content below a directory. */
export async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const directory of new Set(Object.keys(files).map((file) => path.dirname(file)))) {
    await mkdir(path.join(root, directory), { recursive: true });
  }
  await Promise.all(Object.entries(files).map(([file, text]) => writeNewFile(path.join(root, file), text, 0o644)));
}
