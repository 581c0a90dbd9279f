/** Somebody waits, others ring: one ring during no wait is kept for the next. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after the time, or when the signal comes. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** The same, deaf to rings. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  const sleep = (ms: number, signal: AbortSignal, listens: boolean) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        if (wake === end) wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      if (listens) wake = end;
      if (signal.aborted || (listens && rung)) end();
    });
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms, signal) {
      await sleep(ms, signal, true);
      rung = false;
    },
    pause: (ms, signal) => sleep(ms, signal, false),
  };
}
