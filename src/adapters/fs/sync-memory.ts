import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { AgentState } from "../../app/ports.js";
import { systemErrorCode } from "../../base/errors.js";
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
    write(paths, agreedFile(paths), async () => {
      const lines = [...refs].flatMap(([ref, oids]) => oids.map((oid) => `${oid} ${ref}\n`));
      await replaceFile(agreedFile(paths), lines.join(""));
    }),
  isSyncPending: (paths) => Promise.resolve(isThere(pendingFile(paths))),
  setSyncPending: (paths, pending) =>
    write(paths, pendingFile(paths), async () => {
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

/** Of an agent that has been removed meanwhile there is nothing to remember: what is gone must not come into being again. */
async function write(paths: AgentPaths, file: string, work: () => Promise<void>): Promise<void> {
  await withFileErrors(`cannot write ${file}`, async () => {
    try {
      await makeDirectory(paths);
      await work();
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT" || isThere(agentDirectory(paths))) throw error;
    }
  });
}

/** The agent's own, also where `state` is the memory of one of its submodules. */
const agentDirectory = (paths: AgentPaths) => path.dirname(paths.git);

/** Without what a killed run has staged there. Step by step, so that it cannot make the agent's own directory. */
async function makeDirectory(paths: AgentPaths): Promise<void> {
  const directory = directoryOf(paths);
  let step = agentDirectory(paths);
  for (const name of path.relative(step, directory).split(path.sep)) {
    step = path.join(step, name);
    await mkdir(step).catch((error: unknown) => {
      if (systemErrorCode(error) !== "EEXIST") throw error;
    });
  }
  const staged = (await readdir(directory)).filter((name) => name.startsWith("."));
  await Promise.all(staged.map((name) => rm(path.join(directory, name), { force: true })));
}
