import { createHash } from "node:crypto";
import { mkdir, open, opendir, rename, rm, statfs } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { meter } from "../git/meter.js";
import { stagingName } from "./atomic-file.js";
import { isDirectory } from "./read-refs.js";
import { withFileErrors } from "./translate.js";

const LIMIT = 10_000;
/** How long an agent may be silent in the middle of a file. */
const PATIENCE_MS = 30_000;

/** The objects of git-lfs that agents made: only their names are read on the host, where links could lead anywhere. */
export const lfsObjects: Pick<AgentState, "listLfsObjects" | "keepLfsObject"> = {
  async listLfsObjects(paths) {
    const root = path.join(paths.git, "lfs", "objects");
    if (!isDirectory(path.dirname(root))) return [];
    const found: string[] = [];
    for (const first of await names(root, /^[0-9a-f]{2}$/)) {
      for (const second of await names(path.join(root, first), /^[0-9a-f]{2}$/)) {
        const objects = await names(path.join(root, first, second), /^[0-9a-f]{64}$/, "file");
        found.push(...objects.filter((oid) => oid.startsWith(first + second)));
        if (found.length >= LIMIT) return found;
      }
    }
    return found;
  },
  keepLfsObject: (source, store, oid) =>
    withFileErrors(`cannot write ${store}`, async () => {
      const place = path.join(store, oid.slice(0, 2), oid.slice(2, 4), oid);
      await mkdir(path.dirname(place), { recursive: true });
      const temporary = stagingName(place);
      const { bavail, bsize } = await statfs(path.dirname(place));
      const limits = { maxBytes: Math.floor((bavail * bsize) / 2), patienceMs: PATIENCE_MS };
      try {
        const isWhole = (await writeHashed(meter(source, limits), temporary)) === oid;
        if (isWhole) await rename(temporary, place);
        return isWhole;
      } finally {
        await rm(temporary, { force: true });
      }
    }),
};

async function writeHashed(source: AsyncIterable<Buffer>, file: string): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(file, "wx", 0o444);
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      await handle.write(chunk);
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

async function names(
  directory: string,
  pattern: RegExp,
  kind: "file" | "directory" = "directory",
): Promise<string[]> {
  if (!isDirectory(directory)) return [];
  const found: string[] = [];
  for await (const entry of await opendir(directory)) {
    // A link, a pipe or a device is no object: reading it might never end.
    const isWanted = kind === "file" ? entry.isFile() : entry.isDirectory();
    if (isWanted && pattern.test(entry.name)) found.push(entry.name);
    if (found.length >= LIMIT) break;
  }
  return found;
}
