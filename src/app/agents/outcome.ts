import { DevkitError, type DevkitErrorOptions } from "../../base/errors.js";
import type { AgentOutcome } from "./execute.js";

/**
 * Throws when any agent failed: its own error when it is the only thing that was asked for, E_SOME_FAILED (6) when
 * others succeeded, E_ALL_FAILED when none did. `untouched`: agents that needed nothing, which count as successes.
 */
export function requireSuccess(
  outcomes: readonly Pick<AgentOutcome, "agent" | "error">[],
  untouched: number,
  what = "agents",
): void {
  const failed = outcomes.filter((outcome) => outcome.error !== undefined);
  // A full disk explains most of what fails beside it.
  const first = failed.find(({ error }) => error?.code === "E_DISK_FULL") ?? failed[0];
  if (first?.error === undefined) return;
  const succeeded = outcomes.length - failed.length + untouched;
  const interrupted = failed.find(
    ({ error }) => error?.code === "E_INTERRUPTED" || error?.code === "E_TERMINATED",
  );
  if (interrupted?.error !== undefined) throw interrupted.error;
  const isSame = failed.every(({ error }) => error?.code === first.error?.code);
  const lines = failed.map(({ agent, error }) => `${agent.name}: ${error?.message ?? ""}`);
  const options: DevkitErrorOptions = {
    ...(first.error.hint === undefined ? {} : { hint: first.error.hint }),
    details: {
      failed: failed.map(({ agent, error }) => ({
        agent: agent.name,
        code: error?.code,
        message: error?.message,
      })),
      ...pickExcerpt(first.error),
    },
    cause: first.error,
  };
  if (succeeded > 0) {
    const names = failed.map(({ agent }) => agent.name).join(", ");
    throw new DevkitError(
      "E_SOME_FAILED",
      `${String(failed.length)} of ${String(failed.length + succeeded)} ${what} failed (${names}): ${first.error.message}`,
      options,
    );
  }
  if (failed.length === 1 || isSame) {
    const message =
      failed.length === 1 ? (lines[0] ?? "") : `all ${String(failed.length)} ${what}: ${first.error.message}`;
    throw new DevkitError(first.error.code, message, { ...options, exitCode: first.error.exitCode });
  }
  throw new DevkitError(
    "E_ALL_FAILED",
    `all ${String(failed.length)} ${what} failed; the first: ${lines[0] ?? ""}`,
    options,
  );
}

function pickExcerpt(error: DevkitError): Record<string, unknown> {
  return "excerpt" in error.details ? { excerpt: error.details["excerpt"] } : {};
}
