import { DevkitError } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { RunningAgent } from "../agents/exec.js";
import type { Engine } from "../ports-engine.js";

/** How a command ended, and the last of what it said: hostile text. */
export interface Answer {
  readonly exitCode: number;
  readonly text: string;
}

export type AskInside = (script: string) => Promise<Answer>;

const PATIENCE_MS = 15_000;
const MOST_TEXT = 2000;

/** Runs short scripts in an agent's worktree, one process of its own each. */
export function asksInside(
  engine: Pick<Engine, "exec">,
  { agent, container }: RunningAgent,
  signal: AbortSignal,
): AskInside {
  return async (script) => {
    const [sink, patience] = [createTextSink(MOST_TEXT), new AbortController()];
    const timer = setTimeout(() => {
      const message = `${agent.name} does not answer (waited ${String(PATIENCE_MS / 1000)} s)`;
      patience.abort(new DevkitError("E_TIMEOUT", message, { hint: "devkit agent list" }));
    }, PATIENCE_MS);
    try {
      const env = { GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
      const request = { argv: ["/bin/sh", "-c", script], env, workdir: CONTAINER.workspace, tty: false };
      const streams = {
        ...{ stdin: undefined, stdout: sink.stream, stderr: sink.stream },
        signal: AbortSignal.any([signal, patience.signal]),
      };
      return { exitCode: await engine.exec(container.id, request, streams), text: sink.text() };
    } finally {
      clearTimeout(timer);
    }
  };
}
