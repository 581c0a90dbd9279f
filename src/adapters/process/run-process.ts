import type { Readable } from "node:stream";

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
  /** What its output is read as; Latin-1 keeps every byte of a path. */
  readonly encoding?: "utf8" | "latin1";
}

/** Runs a program to its end, without a shell and without input. Never throws for its failure. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const { execa } = await import("execa");
  const result = await execa(program, args, {
    reject: false,
    encoding: options.encoding ?? "utf8",
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    missing: result.code === "ENOENT",
  };
}
