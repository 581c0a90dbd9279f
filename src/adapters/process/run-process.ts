import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a finished program left. */
export interface ProcessResult {
  /** Undefined when it did not start or a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The program is not installed. */
  readonly missing: boolean;
}

export interface ProcessOptions {
  /** Must exist. */
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** The whole environment; by default this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; by default it reads end of file at once. */
  readonly input?: Readable | string;
  /** Standard output and error exactly as they are, one character per byte. */
  readonly bytes?: boolean;
  /** Gets standard output as it comes, and is left open; `stdout` is empty then. */
  readonly output?: NodeJS.WritableStream;
}

/** Runs a program to its end, without a shell and without input. Never throws for its failure. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const { execa } = await import("execa");
  const { output } = options;
  const running = execa(program, args, {
    reject: false,
    ...(options.bytes === true ? { encoding: "latin1" as const, stripFinalNewline: false } : {}),
    ...(output === undefined ? {} : { buffer: { stdout: false } }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  // Others can hold its output open: a tmux hands its own to the server, which may be stopped.
  running.once("exit", () => {
    if (options.signal?.aborted !== true) return;
    running.stdout.destroy();
    running.stderr.destroy();
  });
  // A reader that went away ends the program; how it ended says the rest.
  if (output !== undefined) await pipeline(running.stdout, output, { end: false }).catch(() => undefined);
  const result = await running;
  return {
    exitCode: result.exitCode,
    stdout: output === undefined ? result.stdout : "",
    stderr: result.stderr,
    missing: result.code === "ENOENT",
  };
}
