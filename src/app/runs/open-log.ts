import { once } from "node:events";
import type { Writable } from "node:stream";
import { errorMessage } from "../../base/errors.js";
import type { Proof } from "../ports-runs.js";

/** What is kept of one agent's output in a proof: who prints for ever must not fill the disk. */
const LOG_BYTES = 64 * 1024 ** 2;
/** What is kept of its end for reports. */
const TAIL_LINES = 40;

export interface AgentLog {
  write(line: string): Promise<void>;
  /** Its name in the proof; undefined: there is none. */
  close(): Promise<string | undefined>;
  tail(): string;
  /** Why not all is in it. */
  problem(): string | undefined;
}

/** An agent's log in the proof, if there is one, and the end of it. */
export async function openLog(proof: Proof | undefined, agent: string): Promise<AgentLog> {
  const file = `agents/${agent}/log.txt`;
  const stream = await proof?.open(file);
  const tail: string[] = [];
  let [bytes, problem]: [number, string | undefined] = [0, undefined];
  stream?.on("error", (error) => {
    problem ??= `its log is not whole: ${errorMessage(error)}`;
  });
  return {
    async write(line) {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      if (stream === undefined || problem !== undefined) return;
      bytes += Buffer.byteLength(line) + 1;
      if (bytes > LOG_BYTES) {
        problem = "its log is cut: it is longer than 64 MiB";
        stream.write(`[${problem}]\n`);
      } else if (!stream.write(`${line}\n`)) await ready(stream);
    },
    async close() {
      if (stream === undefined) return undefined;
      await new Promise<void>((resolve) => {
        stream.once("close", resolve);
        if (stream.closed) resolve();
        stream.end();
      });
      return file;
    },
    tail: () => tail.join("\n"),
    problem: () => problem,
  };
}

async function ready(stream: Writable): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]).catch(
    () => undefined,
  );
  gone.abort();
}
