import type { Shutdown } from "../base/shutdown.js";

/** Runs work that goes on until Ctrl-C, which is how following ends, not a failure of it. */
export async function untilInterrupted(
  shutdown: Shutdown,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const release = shutdown.delegate(() => {
    stop.abort();
  });
  try {
    await work(stop.signal);
  } finally {
    release();
  }
}
