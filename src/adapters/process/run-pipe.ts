export interface PipeOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type CommandWords = readonly [string, ...string[]];

/**
 * What commands print that read one another's output, `first | second`, piece by piece; all end when the reader stops.
 * Their failure is not told: a reader that needs all of it has to know by other means.
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
  try {
    running.forEach(({ stdin }, position) => {
      // A command that ends early closes its input under the writer.
      stdin.on("error", () => undefined);
      if (position === 0) stdin.end(input);
      else running[position - 1]?.stdout.pipe(stdin);
    });
    const last = running.at(-1);
    if (last !== undefined) yield* last.stdout as AsyncIterable<Buffer>;
  } finally {
    for (const one of running) one.kill("SIGKILL");
    await Promise.all(running);
  }
}
