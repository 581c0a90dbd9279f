import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { isAlive, type ProcessIdentity } from "../process/process-identity.js";
import { startWaker } from "../process/start-waker.js";
import { replaceFile } from "./atomic-file.js";

interface Entry {
  /** Unix time in milliseconds. */
  readonly atMs: number;
  readonly process: ProcessIdentity;
}

export interface Waker {
  /** Has a command run once that time has come, or earlier, by one process. The caller holds a lock. */
  wake(argv: readonly string[], at: Date): Promise<void>;
  /** Nobody need be woken any more. */
  end(): Promise<void>;
}

/** One process that waits for a time to come; the file says which. */
export function createWaker(file: string): Waker {
  const end = async () => {
    const entry = await readEntry(file);
    await rm(file, { force: true });
    if (entry !== undefined && (await isHere(entry))) endGroup(entry.process.pid);
  };
  return {
    async wake(argv, at) {
      const entry = await readEntry(file);
      if (entry !== undefined && entry.atMs <= at.getTime() && (await isHere(entry))) return;
      await end();
      // It ends when it does not find it.
      await replaceFile(file, "{}\n", undefined, 0o600);
      const process = await startWaker(argv, at, file);
      if (process === undefined) await rm(file, { force: true });
      else await replaceFile(file, `${JSON.stringify({ atMs: at.getTime(), process })}\n`, undefined, 0o600);
    },
    end,
  };
}

async function readEntry(file: string): Promise<Entry | undefined> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  try {
    const entry = JSON.parse(text) as Partial<Entry>;
    return entry.process === undefined ? undefined : (entry as Entry);
  } catch {
    return undefined;
  }
}

/** One of another machine that shares the directory is neither known to be there, nor to be ended from here. */
async function isHere({ process }: Entry): Promise<boolean> {
  return process.host === hostname() && (await isAlive(process));
}

/** With what it sleeps in. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGTERM");
  } catch {
    // It has just ended.
  }
}
