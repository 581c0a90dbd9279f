import { opendir } from "node:fs/promises";
import path from "node:path";
import { isDirectory } from "./read-refs.js";

/** A submodule's name can have slashes, and submodules have submodules; an agent can go on like that for ever. */
const LIMITS = { depth: 24, entries: 5_000 } as const;

/** The git dirs of submodules inside a private git dir, whoever made them: paths below `modules`, found without git. */
export async function listOwnModules(gitDir: string): Promise<string[]> {
  const found: string[] = [];
  let entries = 0;
  const visit = async (at: string, depth: number): Promise<void> => {
    const directory = path.join(gitDir, "modules", at);
    // A link could lead anywhere on the host.
    if (!isDirectory(directory) || depth > LIMITS.depth || entries > LIMITS.entries) return;
    const isModule = ["objects", "refs"].every((name) => isDirectory(path.join(directory, name)));
    if (isModule && at !== "") found.push(at);
    const below = isModule && at !== "" ? ["modules"] : await namesIn(directory);
    entries += below.length;
    for (const name of below) await visit(path.join(at, name), depth + 1);
  };
  if (isDirectory(gitDir)) await visit("", 0);
  return found;
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(directory)) {
      if (entry.isDirectory()) names.push(entry.name);
      if (names.length > LIMITS.entries) break;
    }
  } catch {
    // The agent took it away while it was read, or closed it.
  }
  return names.sort();
}
