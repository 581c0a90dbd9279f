import type { Writable } from "node:stream";
import { toDeadline } from "../../base/durations.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { CommandEnd } from "../../domain/runs/run-result.js";
import { execInAgent, type RunningAgent } from "../agents/exec.js";
import { createLineStream } from "./line-stream.js";
import type { RunDeps } from "./run-deps.js";

/** How long a command may take to end once it is asked to. */
export const GRACE_MS = 5000;

export interface CommandRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onLine: (stream: "stdout" | "stderr", text: string) => Promise<void>;
}

export interface EndedCommand extends CommandEnd {
  /** Why its end was not seen. */
  readonly error: DevkitError | undefined;
}

/**
 * Runs a command in an agent until it ends, or its time is over, or the signal comes: then it is asked to end with
 * SIGTERM, and what is left of it after a while gets SIGKILL. Never throws for what becomes of the command.
 */
export async function runCommandIn(
  deps: Pick<RunDeps, "engine" | "project" | "worktrees" | "state" | "host">,
  running: RunningAgent,
  { argv, env, timeoutMs, signal, onLine }: CommandRequest,
): Promise<EndedCommand> {
  const killsOf = () => deps.engine.countOomKills(running.container.id).catch(() => undefined);
  const stop = createStop(timeoutMs, signal);
  const [stdout, stderr] = (["stdout", "stderr"] as const).map((name) =>
    createLineStream((text) => onLine(name, text)),
  ) as [Writable, Writable];
  // Whoever is told of a line sees to what that fails for.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  let exitCode: number | undefined;
  let error: DevkitError | undefined;
  const before = await killsOf();
  try {
    exitCode = await execInAgent(
      deps,
      running,
      { argv, directory: undefined, tty: false, env },
      { stdin: undefined, stdout, stderr, signal: stop.signal, onSignals: stop.onSignals },
    );
  } catch (thrown) {
    if (stop.reason() === undefined) error = toDevkitError(thrown);
  } finally {
    stop.release();
  }
  await Promise.all([ended(stdout), ended(stderr)]);
  const after = exitCode === 0 ? before : await killsOf();
  const isOutOfMemory = before !== undefined && after !== undefined && after > before;
  return { exitCode, stopped: stop.reason(), isOutOfMemory, error };
}

interface Stop {
  /** Aborts when asking did not help. */
  readonly signal: AbortSignal;
  readonly onSignals: (send: (signal: NodeJS.Signals) => void) => void;
  reason(): "timeout" | "interrupted" | undefined;
  release(): void;
}

function createStop(timeoutMs: number, interrupt: AbortSignal): Stop {
  const kill = new AbortController();
  let why: "timeout" | "interrupted" | undefined;
  let send: ((signal: NodeJS.Signals) => void) | undefined;
  let grace: NodeJS.Timeout | undefined;
  const end = (reason: "timeout" | "interrupted") => {
    if (why !== undefined) return;
    why = reason;
    send?.("SIGTERM");
    grace = setTimeout(() => {
      kill.abort(new DevkitError("E_TIMEOUT", "the command did not end"));
    }, GRACE_MS);
  };
  const timer = setTimeout(() => {
    end("timeout");
  }, toDeadline(timeoutMs));
  const onInterrupt = () => {
    end("interrupted");
  };
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  if (interrupt.aborted) onInterrupt();
  return {
    signal: kill.signal,
    onSignals(sender) {
      send = sender;
      // It was asked for before the command was there.
      if (why !== undefined) sender("SIGTERM");
    },
    reason: () => why,
    release() {
      clearTimeout(timer);
      clearTimeout(grace);
      interrupt.removeEventListener("abort", onInterrupt);
    },
  };
}

/** Tells what is left of the last line. */
function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("close", () => {
      resolve();
    });
    if (stream.destroyed) resolve();
    stream.end(() => {
      resolve();
    });
  });
}
