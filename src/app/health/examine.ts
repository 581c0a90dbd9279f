import { DevkitError, errorMessage, isDevkitError } from "../../base/errors.js";
import type { Finding } from "../../domain/health/finding.js";
import { failure, type Check, type Fault, type Look, type Looking } from "./check.js";

/** What one check found. */
export interface Examined {
  readonly check: Check;
  readonly look: Look;
}

/** No check takes as long, but a file system or a program that hangs would. */
const PATIENCE_MS = 30_000;

/**
 * Looks at everything, side by side, and changes nothing. A check that cannot run is a failed one, and the others still
 * run; what keeps several from running is told once, by the first of them.
 */
export async function examine(
  checks: readonly Check[],
  looking: Looking,
  patienceMs = PATIENCE_MS,
): Promise<Examined[]> {
  const looks = await Promise.all(checks.map((check) => lookAt(check, looking, patienceMs)));
  const told = new Set<string>();
  return checks.flatMap((check, position): Examined[] => {
    const { look, cause } = looks[position] ?? { look: { found: "", faults: [] }, cause: undefined };
    if (cause !== undefined && told.has(cause)) return [];
    for (const { found } of look.faults) told.add(found);
    return [{ check, look }];
  });
}

/** One for each thing that is wrong, or that all is well. */
export function toFindings(examined: readonly Examined[]): Finding[] {
  return examined.flatMap(({ check: { name, why }, look }): Finding[] => {
    if (look.faults.length === 0)
      return [{ check: name, verdict: "ok", found: look.found, why, fix: undefined, repair: undefined }];
    return look.faults.map((fault) => toFinding(name, why, fault));
  });
}

function toFinding(check: string, why: string, { verdict, found, fix, repair }: Fault): Finding {
  return { check, verdict, found, why, fix, repair: repair?.action };
}

/** `cause`: what kept it from looking. */
async function lookAt(
  check: Check,
  looking: Looking,
  patienceMs: number,
): Promise<{ readonly look: Look; readonly cause: string | undefined }> {
  const patience = new AbortController();
  try {
    const late = afterwards(patienceMs, patience.signal, check.name);
    const look = await Promise.race([check.look({ ...looking }), late]);
    return { look, cause: undefined };
  } catch (error) {
    looking.signal.throwIfAborted();
    const [found, fix] = [errorMessage(error), isDevkitError(error) ? error.hint : undefined];
    return { look: { found, faults: [failure(found, fix)] }, cause: found };
  } finally {
    patience.abort();
  }
}

function afterwards(ms: number, signal: AbortSignal, name: string): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      const message = `looking at ${name} did not come to an end (waited ${String(ms / 1000)} s)`;
      reject(
        new DevkitError("E_TIMEOUT", message, {
          hint: "see whether the disk answers: df -h; and the engine: docker ps",
        }),
      );
    }, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
    });
  });
}
