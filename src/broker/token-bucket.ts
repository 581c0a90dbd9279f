export interface TokenBucketOptions {
  /** Tokens per second. */
  readonly rate: number;
  readonly burst: number;
  /** Nobody is made to wait longer. */
  readonly delayMs: number;
  readonly now: () => number;
}

/** Answers how long the next one has to wait, in ms; undefined: it would be too long, and it has taken nothing. */
export function createTokenBucket({
  rate,
  burst,
  delayMs,
  now,
}: TokenBucketOptions): () => number | undefined {
  let tokens = burst;
  let at = now();
  return () => {
    const current = now();
    tokens = Math.min(burst, tokens + ((current - at) / 1000) * rate);
    at = current;
    const waitMs = Math.max(0, ((1 - tokens) / rate) * 1000);
    if (waitMs > delayMs) return undefined;
    tokens -= 1;
    return waitMs;
  };
}
