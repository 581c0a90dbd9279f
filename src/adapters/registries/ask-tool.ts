import { setTimeout as sleep } from "node:timers/promises";
import type { AskedPreset } from "../../domain/egress/presets.js";
import { runProcess, type ProcessResult } from "../process/run-process.js";

const DEADLINE_MS = 10_000;

export type ToolAnswer =
  | {
      readonly kind: "ended";
      readonly exitCode: number | undefined;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "silent" };

export interface ToolOptions {
  readonly cwd: string;
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

/** Runs a tool that is waited for no longer than its deadline, even when something it started holds on to its output. */
export async function askTool(
  program: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolAnswer> {
  const { cwd, signal, deadlineMs = DEADLINE_MS } = options;
  const env = Object.fromEntries(
    Object.entries(options.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ) as Record<string, string>;
  const late = new AbortController();
  const ended = new AbortController();
  const running = runProcess(program, args, { cwd, env, signal: AbortSignal.any([signal, late.signal]) });
  const deadline = sleep(deadlineMs, undefined, { signal: AbortSignal.any([signal, ended.signal]) });
  try {
    const result = await Promise.race([running, deadline]);
    return result === undefined ? { kind: "silent" } : toAnswer(result);
  } finally {
    ended.abort();
    late.abort();
    deadline.catch(() => undefined);
    running.catch(() => undefined);
    signal.throwIfAborted();
  }
}

function toAnswer({ missing, exitCode, stdout, stderr }: ProcessResult): ToolAnswer {
  return missing ? { kind: "missing" } : { kind: "ended", exitCode, stdout, stderr };
}

/** Why a tool gave no answer, and what to do instead. */
export function noAnswer(preset: AskedPreset, tool: string, answer: ToolAnswer): string {
  const instead = "write the names of its hosts into [egress] allow";
  if (answer.kind === "missing")
    return `${tool} is not installed here, so preset:${preset} cannot ask it; ${instead}`;
  if (answer.kind === "silent") return `${tool} did not say in time where it downloads from; ${instead}`;
  return `${tool} did not say where it downloads from (exit code ${String(answer.exitCode ?? "none")}); ${instead}`;
}

/** All URLs in a text, as far as they go in lists, quotes and XML. */
export function urlsIn(text: string): string[] {
  return text.match(/[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>|,()[\]{}\\]+/gi) ?? [];
}
