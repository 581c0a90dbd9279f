import { opendir } from "node:fs/promises";
import type { WorktreeFiles } from "../../app/ports.js";

/** `empty` also when there is nothing but `.git`. */
export async function readDirectory(directory: string): Promise<WorktreeFiles["directory"]> {
  try {
    for await (const entry of await opendir(directory)) {
      if (entry.name !== ".git") return "files";
    }
    return "empty";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return "absent";
    // Not a directory, or an agent has closed it to its own user: there is something, and it is not ours to judge.
    if (code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return "files";
    throw error;
  }
}
