import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { AgentPaths } from "../../domain/identity/project.js";
import { writeNewFile } from "./atomic-file.js";

/** Removes what killed runs left half-made in an agent's state directory; everything unfinished has a leading dot. */
export async function removeLeftovers(paths: AgentPaths): Promise<void> {
  const left = (await readdir(paths.state)).filter((name) => name.startsWith("."));
  await Promise.all(left.map((name) => rm(path.join(paths.state, name), { recursive: true, force: true })));
}

/** An empty directory beside the final one, to be renamed into place when whole. */
export function freshDirectory(paths: AgentPaths, what: "git" | "home"): Promise<string> {
  return mkdtemp(path.join(paths.state, `.${what}-`));
}

/** Writes relative path → content below a directory. */
export async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const directory of new Set(Object.keys(files).map((file) => path.dirname(file)))) {
    await mkdir(path.join(root, directory), { recursive: true });
  }
  await Promise.all(
    Object.entries(files).map(([file, text]) => writeNewFile(path.join(root, file), text, 0o644)),
  );
}
