import type { Readable } from "node:stream";

export interface PipeOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type CommandWords = readonly [string, ...string[]];

/**
 * What commands print that read one another's output, `first | second`, piece by piece; all end when the reader stops.
 * @throws Error when one of them fails although the reader went to the end: what came was not all.
 */
export async function* runPipe(
  commands: readonly CommandWords[],
  input: string,
  { cwd, env, signal }: PipeOptions,
): AsyncGenerator<Buffer, void> {
  const { execa } = await import("execa");
  const cancel = signal === undefined ? {} : { cancelSignal: signal };
  const options = {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    buffer: false,
    stderr: "ignore",
    ...cancel,
  } as const;
  const running = commands.map(([program, ...args]) => execa(program, args, { ...options, stdin: "pipe" }));
  let isRead = false;
  try {
    running.forEach(({ stdin }, position) => {
      // A command that ends early closes its input under the writer.
      stdin.on("error", () => undefined);
      if (position === 0) stdin.end(input);
      else running[position - 1]?.stdout.pipe(stdin);
    });
    const last = running.at(-1);
    if (last !== undefined) yield* last.stdout as AsyncIterable<Buffer>;
    isRead = true;
  } finally {
    if (!isRead) for (const one of running) end(one);
  }
  const failed = (await Promise.all(running)).find(({ exitCode }) => exitCode !== 0);
  if (failed !== undefined) throw new Error(`${failed.command} failed`);
}

/** Not waited for: what it has printed and nobody reads any more would keep it from ending. */
function end(one: { kill(signal: "SIGKILL"): boolean; readonly stdout: Readable }): void {
  one.kill("SIGKILL");
  one.stdout.destroy();
}
