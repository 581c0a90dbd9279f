import type Docker from "dockerode";
import { PassThrough, type Readable } from "node:stream";
import { createInterface } from "node:readline";
import type { LogOptions } from "../../app/ports.js";
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
  const stop = () => lines.end();
  options.signal.addEventListener("abort", stop);
  try {
    yield* createInterface({ input: lines });
    await copying;
  } finally {
    options.signal.removeEventListener("abort", stop);
    if ("destroy" in source) (source as Readable).destroy();
  }
}

async function openLogs(docker: Docker, id: string, options: LogOptions): Promise<AsyncIterable<Buffer>> {
  const common = {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(options.tail === undefined ? {} : { tail: options.tail }),
  };
  const container = docker.getContainer(id);
  return withEngineErrors("read the container's log", async () => {
    if (options.follow)
      return (await container.logs({ ...common, follow: true })) as AsyncIterable<Buffer> &
        NodeJS.ReadableStream;
    const whole = await container.logs({ ...common, follow: false });
    return (async function* () {
      await Promise.resolve();
      yield whole;
    })();
  });
}
