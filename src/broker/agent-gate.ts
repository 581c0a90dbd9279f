import { setTimeout as pause } from "node:timers/promises";
import { createLimiter } from "../base/concurrency.js";
import { LIMITS } from "./limits.js";
import { createTokenBucket } from "./token-bucket.js";

/** What one agent's work has to go through. */
export interface AgentGate {
  /** Runs a job when it is its turn; undefined: there were too many, and it did not run. */
  run<T>(job: () => Promise<T>): Promise<T | undefined>;
}

/** The most that a job's time keeps the next one waiting: time in which it waited for a lock counts too. */
const MAX_REST_MS = 250;

/**
 * One job of an agent at a time, so many a second, and after each a rest as long as it took: whatever an agent asks for,
 * half of the time is the others'.
 */
export function createAgentGate(now: () => number = () => performance.now()): AgentGate {
  const take = createTokenBucket({ ...LIMITS, now });
  const turn = createLimiter(1);
  let restUntil = 0;
  return {
    async run(job) {
      const waitMs = take();
      if (waitMs === undefined) return undefined;
      if (waitMs > 0) await pause(waitMs);
      return turn(async () => {
        const restMs = restUntil - now();
        if (restMs > 0) await pause(restMs);
        const beganMs = now();
        try {
          return await job();
        } finally {
          const endedMs = now();
          restUntil = endedMs + Math.min(MAX_REST_MS, endedMs - beganMs);
        }
      });
    },
  };
}
