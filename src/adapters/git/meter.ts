import { DevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";

export interface MeterLimits {
  readonly maxBytes: number;
  /** Longest silence, and the time that is always granted. */
  readonly patienceMs: number;
}

/** Slower than this is no transfer but somebody who keeps the host waiting. */
const MIN_BYTES_PER_SECOND = 20_000;

/**
 * Passes a stream from an agent on, as long as it neither stalls, nor trickles, nor goes on for ever.
 * @throws DevkitError E_PACK_REFUSED, E_DISK_FULL
 */
export async function* meter(
  source: AsyncIterable<Buffer>,
  { maxBytes, patienceMs }: MeterLimits,
): AsyncGenerator<Buffer, void> {
  const began = performance.now();
  let bytes = 0;
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const grantedMs = patienceMs + (bytes / MIN_BYTES_PER_SECOND) * 1000;
      const leftMs = Math.min(patienceMs, began + grantedMs - performance.now());
      const next = await within(iterator.next(), leftMs);
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > maxBytes) {
        throw new DevkitError(
          "E_DISK_FULL",
          `the agent sends more than the ${formatSize(maxBytes)} that the disk has room for`,
          { hint: "free some space and run the same command again" },
        );
      }
      yield next.value;
    }
  } finally {
    // Not awaited: a source that hangs would hang this too.
    void iterator.return?.();
  }
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new DevkitError("E_PACK_REFUSED", "the agent's git does not answer in time"));
      },
      Math.max(0, milliseconds),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
