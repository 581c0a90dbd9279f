import type Docker from "dockerode";
import { PassThrough, Readable } from "node:stream";
import { createInterface } from "node:readline";
import type { LogOptions } from "../../app/ports-engine.js";
import { withEngineErrors } from "./errors.js";
import { demultiplex } from "./streams.js";

/** Lines of a container's main process, each with the engine's time stamp first; both streams together. */
export async function* readLogs(docker: Docker, id: string, options: LogOptions): AsyncIterable<string> {
  const source = await openLogs(docker, id, options);
  const lines = new PassThrough();
  const copying = demultiplex(source, lines, lines).then(
    () => lines.end(),
    (error: unknown) => lines.destroy(options.signal.aborted ? undefined : (error as Error)),
  );
  // Being told to stop is an end, not a failure: what has come is shown, and nothing more is waited for.
  const stop = () => {
    source.destroy();
    lines.end();
  };
  options.signal.addEventListener("abort", stop);
  try {
    yield* createInterface({ input: lines });
    if (!options.signal.aborted) await copying;
  } finally {
    options.signal.removeEventListener("abort", stop);
    source.destroy();
  }
}

type Source = AsyncIterable<Buffer> & { destroy(): void };

async function openLogs(docker: Docker, id: string, options: LogOptions): Promise<Source> {
  const tail = options.tail === undefined ? {} : { tail: options.tail };
  const common = { stdout: true, stderr: true, timestamps: true, ...tail };
  const container = docker.getContainer(id);
  return withEngineErrors("read the container's log", async () =>
    options.follow
      ? ((await container.logs({ ...common, follow: true })) as unknown as Source)
      : Readable.from([await container.logs({ ...common, follow: false })]),
  );
}
