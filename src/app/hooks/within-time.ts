import { DevkitError } from "../../base/errors.js";

/** How long all commands of one hook may take together: an hour, enough for a cold build, not for ever. */
export const HOOK_MS = 60 * 60_000;

/**
 * Runs work with a signal that comes with the given one, or when the time is over.
 * @throws DevkitError E_HOOK when the work gives up for the time's sake
 */
export async function withinTime<T>(
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    const minutes = String(HOOK_MS / 60_000);
    late.abort(new DevkitError("E_HOOK", `${what} did not end within ${minutes} minutes, so it was ended`));
  }, HOOK_MS);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}
