import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import type { AgentPaths } from "../../domain/identity/project.js";
import { replaceFile } from "./atomic-file.js";
import { isThere } from "./project-dir.js";
import { withFileErrors } from "./translate.js";

type SyncMemory = Pick<AgentState, "lastSynced" | "setLastSynced" | "isSyncPending" | "setSyncPending">;

/** Beside the private git dir, where the agent cannot write. */
const directoryOf = (paths: AgentPaths) => path.join(paths.state, "sync");
const pendingFile = (paths: AgentPaths) => path.join(directoryOf(paths), "pending");
const agreedFile = (paths: AgentPaths) => path.join(directoryOf(paths), "agreed");

/** What syncs of an agent have to remember. One at a time: whoever writes holds the agent's sync lock. */
export const syncMemory: SyncMemory = {
  lastSynced(paths) {
    const text = readIfThere(agreedFile(paths));
    const agreed = new Map<string, string[]>();
    for (const [oid = "", ref] of text.split("\n").map((line) => line.split(" "))) {
      if (ref !== undefined) agreed.set(ref, [...(agreed.get(ref) ?? []), oid]);
    }
    return Promise.resolve(agreed);
  },
  setLastSynced: (paths, refs) =>
    withFileErrors(`cannot write ${agreedFile(paths)}`, async () => {
      await makeDirectory(paths);
      const lines = [...refs].flatMap(([ref, oids]) => oids.map((oid) => `${oid} ${ref}\n`));
      await replaceFile(agreedFile(paths), lines.join(""));
    }),
  isSyncPending: (paths) => Promise.resolve(isThere(pendingFile(paths))),
  setSyncPending: (paths, pending) =>
    withFileErrors(`cannot write ${pendingFile(paths)}`, async () => {
      await makeDirectory(paths);
      if (pending) await writeFile(pendingFile(paths), "");
      else await rm(pendingFile(paths), { force: true });
    }),
};

/** At once: listing agents asks for each of them. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Without what a killed run has staged there. */
async function makeDirectory(paths: AgentPaths): Promise<void> {
  const directory = directoryOf(paths);
  await mkdir(directory, { recursive: true });
  const staged = (await readdir(directory)).filter((name) => name.startsWith("."));
  await Promise.all(staged.map((name) => rm(path.join(directory, name), { force: true })));
}
