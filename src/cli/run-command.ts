import { toDevkitError } from "../base/errors.js";
import type { Shutdown } from "../base/shutdown.js";
import type { Reporter } from "../output/reporter.js";
import type { RunContext } from "./command.js";
import type { Deps } from "./deps.js";
import type { ChosenCommand } from "./parse-command-line.js";

const GRACE_MS = 5000;

export interface RunWith {
  readonly deps: Deps;
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
}

/** Runs one command to its end, prints what it answers or fails with, and resolves with the exit code. */
export async function runCommand(
  { command, args, options, globals }: ChosenCommand,
  { deps, reporter, shutdown }: RunWith,
): Promise<number> {
  try {
    const context = {
      args,
      options: options as never,
      globals,
      deps,
      reporter,
      shutdown,
    } satisfies RunContext<never>;
    // Also a command that does not read the settings must not pass over a file or overlay that is not there.
    if (globals.config !== undefined || globals.overlays.length > 0) await deps.config();
    const result = await Promise.race([command.run(context), graceAfter(shutdown.signal)]);
    if ("streamedExitCode" in result) return result.streamedExitCode;
    reporter.answer(command.path, result.data, result.human);
    return result.exitCode ?? 0;
  } catch (error) {
    const failure = toDevkitError(shutdown.signal.aborted ? shutdown.signal.reason : error);
    reporter.failure(command.path, failure);
    return failure.exitCode;
  } finally {
    reporter.close();
  }
}

/** An interrupted command may finish what it has begun, but not take for ever over it. */
function graceAfter(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () =>
      setTimeout(() => {
        reject(toDevkitError(signal.reason));
      }, GRACE_MS).unref(),
    );
  });
}
