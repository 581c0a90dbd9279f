import { link, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { AgentJournal, AgentWork } from "../../app/ports-spawn.js";
import { systemErrorCode } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Project } from "../../domain/identity/project.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process/process-identity.js";
import { readHostileFile, replaceFile, stagingName, writeNewFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

interface Entry {
  readonly work: AgentWork;
  readonly process: ProcessIdentity;
}

const SUFFIX = ".json";
const LIMIT = 64 * 1024;

/** `<state directory>/under-way/<agent>.json`: there while a process is at work on that agent, and after one that was killed. */
export function createAgentJournal(project: Project): AgentJournal {
  const directory = path.join(project.stateDir, "under-way");
  const fileOf = ({ name }: AgentRef) => path.join(directory, `${name}${SUFFIX}`);
  const textOf = async (work: AgentWork) => {
    const entry: Entry = { work, process: await ownIdentity() };
    return `${JSON.stringify(entry)}\n`;
  };
  return {
    begin: (work) =>
      withFileErrors(`cannot write ${fileOf(work.agent)}`, async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const staged = stagingName(fileOf(work.agent));
        try {
          await writeNewFile(staged, await textOf(work), 0o600);
          await link(staged, fileOf(work.agent));
          return true;
        } catch (error) {
          if (systemErrorCode(error) === "EEXIST") return false;
          throw error;
        } finally {
          await rm(staged, { force: true });
        }
      }),
    update: async (work) => replaceFile(fileOf(work.agent), await textOf(work), undefined, 0o600),
    end: (agent) =>
      withFileErrors(`cannot remove ${fileOf(agent)}`, () => rm(fileOf(agent), { force: true })),
    list: async () => (await readEntries(directory)).map(({ work }) => work),
    async left() {
      const entries = await readEntries(directory);
      const alive = await Promise.all(entries.map((entry) => isAlive(entry.process)));
      return entries.filter((_, position) => alive[position] !== true).map(({ work }) => work);
    },
  };
}

async function readEntries(directory: string): Promise<Entry[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => name.endsWith(SUFFIX) && !name.startsWith("."))
    .sort()
    .flatMap((name) => parseEntry(readHostileFile(path.join(directory, name), LIMIT)) ?? []);
}

/** Only devkit writes there, and whole files. */
function parseEntry(text: string | undefined): Entry | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Entry);
  } catch {
    return undefined;
  }
}
