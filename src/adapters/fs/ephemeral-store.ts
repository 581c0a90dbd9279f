import { mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import type { EphemeralStore, NotedAgent } from "../../app/ports-runs.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Project } from "../../domain/identity/project.js";
import type { EphemeralNote, OwnerState } from "../../domain/runs/ephemeral.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process/process-identity.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { removeTree } from "./trees.js";
import { withFileErrors } from "./translate.js";
import { createWaker } from "./waker.js";

interface Entry {
  readonly note: EphemeralNote;
  readonly process?: ProcessIdentity;
}

const SUFFIX = ".json";
const LIMIT = 64 * 1024;
/** What is made aside for `out` is `.out.devkit-XXXXXX`. */
export const STAGING_MARK = ".devkit-";

/** `<state directory>/ephemeral/<agent>.json`: outside of everything that an agent has. */
export function createEphemeralStore(project: Project): EphemeralStore {
  const directory = path.join(project.stateDir, "ephemeral");
  const waker = createWaker(path.join(directory, ".waker"));
  const names = async () =>
    (await readdir(directory).catch(() => []))
      .filter((name) => name.endsWith(SUFFIX) && !name.startsWith("."))
      .sort();
  const fileOf = ({ name }: AgentRef) => path.join(directory, `${name}${SUFFIX}`);
  return {
    async note(note, { owned }) {
      const entry: Entry = { note, ...(owned ? { process: await ownIdentity() } : {}) };
      const file = fileOf(note.agent);
      await withFileErrors(`cannot write ${file}`, async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await replaceFile(file, `${JSON.stringify(entry)}\n`, undefined, 0o600);
      });
    },
    async forget(agent) {
      const file = fileOf(agent);
      await withFileErrors(`cannot remove ${file}`, () => rm(file, { force: true }));
      if ((await names()).length === 0) await waker.end();
    },
    wake: (argv, at) => withFileErrors(`cannot write in ${directory}`, () => waker.wake(argv, at)),
    async removeStaging(staging) {
      const name = path.basename(staging);
      if (name.startsWith(".") && name.includes(STAGING_MARK)) await removeTree(staging);
    },
    async list() {
      const entries = (await names()).flatMap(
        (name) => parseEntry(readHostileFile(path.join(directory, name), LIMIT)) ?? [],
      );
      return Promise.all(
        entries.map(async (entry): Promise<NotedAgent> => ({
          note: entry.note,
          owner: await ownerOf(entry),
        })),
      );
    },
  };
}

async function ownerOf({ process: owner }: Entry): Promise<OwnerState> {
  if (owner === undefined) return "none";
  if (owner.host !== hostname()) return "elsewhere";
  return (await isAlive(owner)) ? "alive" : "dead";
}

/** Only devkit writes there, and whole files. */
function parseEntry(text: string | undefined): Entry | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Entry);
  } catch {
    return undefined;
  }
}
