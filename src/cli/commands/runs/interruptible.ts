import { DevkitError } from "../../../base/errors.js";
import type { Shutdown } from "../../../base/shutdown.js";
import type { Reporter } from "../../../output/reporter.js";

/**
 * Runs work that ends itself in good order on the first signal, however long that takes. The second is as for all
 * commands: some seconds, then this process ends.
 */
export async function interruptible<T>(
  shutdown: Shutdown,
  reporter: Reporter,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const release = shutdown.delegate((signal) => {
    release();
    reporter.warn("interrupted: agents are being taken away; once more leaves that to the next devkit");
    const hint = "run the same command again; what is left of this one goes first";
    interrupt.abort(
      signal === "SIGINT"
        ? new DevkitError("E_INTERRUPTED", "interrupted", { hint })
        : new DevkitError("E_TERMINATED", `ended by ${signal}`, { hint }),
    );
  });
  try {
    shutdown.signal.throwIfAborted();
    return await work(interrupt.signal);
  } finally {
    release();
  }
}
