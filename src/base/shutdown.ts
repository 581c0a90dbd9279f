import { DevkitError } from "./errors.js";

/** One abort signal for the whole process; a second Ctrl-C ends it at once. */
export interface Shutdown {
  readonly signal: AbortSignal;
  /** Hands SIGINT and SIGTERM to the caller (an inner command) until the returned function is called. */
  delegate(handler: (signal: NodeJS.Signals) => void): () => void;
}

type Handler = (signal: NodeJS.Signals) => void;

/** Installs SIGINT/SIGTERM/SIGHUP handling; use-cases see it only as an AbortSignal. */
export function installShutdown(): Shutdown {
  const controller = new AbortController();
  let delegated: Handler | undefined;
  const onSignal: Handler = (signal) => {
    if (delegated !== undefined) {
      delegated(signal);
      return;
    }
    if (controller.signal.aborted) process.exit(signal === "SIGINT" ? 130 : 143);
    controller.abort(
      signal === "SIGINT"
        ? new DevkitError("E_INTERRUPTED", "interrupted", { hint: "run the same command again to go on" })
        : new DevkitError("E_TERMINATED", `ended by ${signal}`, {
            hint: "run the same command again to go on",
          }),
    );
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    delegate(handler) {
      delegated = handler;
      return () => {
        delegated = undefined;
      };
    },
  };
}
