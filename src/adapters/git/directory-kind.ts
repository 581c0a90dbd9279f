import { opendirSync } from "node:fs";
import type { WorktreeFiles } from "../../app/ports.js";

/** `empty` also when there is nothing but `.git`. */
export function readDirectory(directory: string): WorktreeFiles["directory"] {
  try {
    const open = opendirSync(directory);
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        if (entry.name !== ".git") return "files";
      }
    } finally {
      open.closeSync();
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
