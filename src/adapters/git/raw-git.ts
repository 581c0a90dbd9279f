import { Readable } from "node:stream";
import { runProcess } from "../process/run-process.js";
import { gitEnv, SAFE, translateGitError } from "./run-git.js";

export interface RawGitOptions {
  /** Standard input, one character per byte. */
  readonly input?: string;
  /** On top of the closed list every git of ours gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets standard output as it comes. */
  readonly output?: NodeJS.WritableStream;
  /** Exit codes that are an answer and no failure; by default only 0. */
  readonly answers?: readonly number[];
  /** How long it may take altogether. */
  readonly patienceMs?: number;
}

export interface RawGitResult {
  readonly exitCode: number;
  /** One character per byte: paths and contents need not be text. */
  readonly stdout: string;
  /** As text. */
  readonly stderr: string;
}

/** git where its exit code or exact bytes matter. */
export type RawGit = (args: readonly string[], options?: RawGitOptions) => Promise<RawGitResult>;

/**
 * git in one directory, which must exist, with the same safe settings and closed environment as everywhere.
 * @throws DevkitError as `createGit` does, for exit codes that are no answer.
 */
export function createRawGit(directory: string, env: Readonly<Record<string, string>> = {}): RawGit {
  return async (args, options = {}) => {
    const result = await runProcess("git", [...SAFE, ...args], {
      cwd: directory,
      env: { ...gitEnv(), ...env, ...options.env },
      bytes: true,
      signal: options.patienceMs === undefined ? undefined : AbortSignal.timeout(options.patienceMs),
      ...(options.input === undefined
        ? {}
        : { input: Readable.from([Buffer.from(options.input, "latin1")]) }),
      ...(options.output === undefined ? {} : { output: options.output }),
    });
    const stderr = Buffer.from(result.stderr, "latin1").toString("utf8");
    if (result.missing) throw translateGitError(new Error("spawn git ENOENT"), args);
    const { exitCode } = result;
    if (exitCode === undefined || !(options.answers ?? [0]).includes(exitCode)) {
      throw translateGitError(new Error(stderr || `ended with ${String(exitCode ?? "a signal")}`), args);
    }
    return { exitCode, stdout: result.stdout, stderr };
  };
}
