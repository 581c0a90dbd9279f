import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { AgentJournal, AgentWork } from "../../app/ports-spawn.js";
import { systemErrorCode } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Project } from "../../domain/identity/project.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process/process-identity.js";
import { readHostileFile, writeNewFile } from "./atomic-file.js";
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
  /** Has it written beside its place under a name that tells whose it is, and put there. */
  const stage = async (work: AgentWork, put: (staged: string, file: string) => Promise<void>) => {
    const entry: Entry = { work, process: await ownIdentity() };
    const mark = `${String(process.pid)}.${randomBytes(6).toString("hex")}`;
    const staged = path.join(directory, `.${work.agent.name}.${mark}.tmp`);
    try {
      await writeNewFile(staged, `${JSON.stringify(entry)}\n`, 0o600);
      await put(staged, fileOf(work.agent));
    } finally {
      await rm(staged, { force: true });
    }
  };
  return {
    begin: (work) =>
      withFileErrors(`cannot write ${fileOf(work.agent)}`, async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        try {
          await stage(work, link);
          return true;
        } catch (error) {
          if (systemErrorCode(error) === "EEXIST") return false;
          throw error;
        }
      }),
    update: (work) => withFileErrors(`cannot write ${fileOf(work.agent)}`, () => stage(work, rename)),
    end: (agent) =>
      withFileErrors(`cannot remove ${fileOf(agent)}`, () => rm(fileOf(agent), { force: true })),
    list: async () => (await readEntries(directory)).map(({ work }) => work),
    async left() {
      const names = await namesIn(directory);
      await Promise.all(
        names.filter(isOfNobody).map((name) => rm(path.join(directory, name), { force: true })),
      );
      const entries = await readEntries(directory);
      const alive = await Promise.all(entries.map((entry) => isAlive(entry.process)));
      return entries.filter((_, position) => alive[position] !== true).map(({ work }) => work);
    },
  };
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** What a killed process has not put in its place. Another's that has its number by now keeps it for a while. */
function isOfNobody(name: string): boolean {
  const pid = /^\..*\.(\d+)\.[0-9a-f]+\.tmp$/.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === "ESRCH";
  }
}

async function readEntries(directory: string): Promise<Entry[]> {
  const names = await namesIn(directory);
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
