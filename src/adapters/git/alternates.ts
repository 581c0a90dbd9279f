import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import type { ObjectDir } from "../../domain/custody/mounts.js";

/** git itself follows alternates five deep. */
const MAX_DEPTH = 5;

/** The primary's object directory and everything it borrows from, each at the path git will look for it. */
export async function findObjectDirs(commonDir: string): Promise<ObjectDir[]> {
  const found = new Map<string, ObjectDir>();
  const visit = async (containerPath: string, depth: number): Promise<void> => {
    if (found.has(containerPath) || depth > MAX_DEPTH) return;
    const hostPath = await realpath(containerPath).catch(() => undefined);
    if (hostPath === undefined) return;
    found.set(containerPath, { hostPath, containerPath });
    for (const next of await readAlternates(containerPath)) await visit(next, depth + 1);
  };
  await visit(await realpath(path.join(commonDir, "objects")), 0);
  return [...found.values()];
}

async function readAlternates(objectsDir: string): Promise<string[]> {
  const text = await readFile(path.join(objectsDir, "info", "alternates"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => (line.startsWith('"') ? unquote(line) : line))
    .map((line) => path.resolve(objectsDir, line));
}

/** git quotes a path that has unusual characters as a C string. */
function unquote(line: string): string {
  try {
    return String(JSON.parse(line));
  } catch {
    return line;
  }
}
