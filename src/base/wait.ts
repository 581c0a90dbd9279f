import { setTimeout as sleep } from "node:timers/promises";
import { DevkitError } from "./errors.js";

export interface WaitOptions {
  readonly deadlineMs: number;
  /** First pause between two looks; it doubles up to eight times this. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Completes "waited … for" in the timeout's message. */
  readonly what: string;
}

/**
 * Looks until `probe` answers something other than undefined, and returns it.
 * @throws DevkitError E_TIMEOUT when the deadline passes; the signal's reason when aborted.
 */
export async function waitFor<T>(probe: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const endsAt = performance.now() + options.deadlineMs;
  const first = options.intervalMs ?? 10;
  for (let pause = first; ; pause = Math.min(pause * 2, first * 8)) {
    options.signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() >= endsAt) {
      throw new DevkitError("E_TIMEOUT", `waited ${String(options.deadlineMs)} ms for ${options.what}`);
    }
    await sleep(pause, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
  }
}
