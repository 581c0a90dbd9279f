import type { ExecStreams } from "../app/ports-engine.js";
import { DevkitError, isDevkitError } from "../base/errors.js";
import { createTextSink } from "../base/text-sink.js";
import type { AgentRef } from "../domain/agents/agent.js";
import type { CommandResult, OptionSpecs, RunContext, StreamedResult } from "./command.js";

/** A command in an agent, as the user asked for it. */
export interface InnerRequest {
  readonly selector: string;
  readonly argv: readonly string[];
  readonly directory?: string | undefined;
}

/** How much of each stream `--json` keeps: the end of it. */
const JSON_BYTES = 1024 * 1024;

/**
 * Runs a command in an agent with this process's terminal, input and output, and passes its exit code through; with
 * `--json`, the same as one document and without input.
 */
export async function runInner<O extends OptionSpecs>(
  context: RunContext<O>,
  request: InnerRequest,
): Promise<CommandResult | StreamedResult> {
  const [{ execInAgent, requireOverlays, requireRunning }, { watchMemory }, { withForwardedAgent }] =
    await Promise.all([
      import("../app/agents/exec.js"),
      import("../app/limits/watch-memory.js"),
      import("../app/ssh/forward-agent.js"),
    ]);
  const { host, ssh } = context.deps;
  const deps = { ...(await context.deps.projectDeps()), host, ssh };
  const running = await requireRunning(deps, request.selector);
  requireOverlays(running, await overlaysAsked(context, running.agent));
  const { argv, directory } = request;
  const env = await context.deps.passedEnv(running);
  const memory = watchMemory(deps.engine, running.container);
  const run = (tty: boolean, streams: ExecStreams) =>
    withExecCode(() =>
      withForwardedAgent(deps, running, (forwarded) => {
        const size = tty ? { size: terminalSize() } : {};
        return execInAgent(
          deps,
          running,
          { argv, directory, env: { ...env, ...forwarded }, tty, ...size },
          streams,
        );
      }),
    );
  if (context.reporter.json) {
    const result = await captured(running.agent, run);
    const killed = await memory.explain(result.exitCode ?? 0);
    if (killed !== undefined) context.reporter.warn(killed);
    return result;
  }
  context.reporter.close();
  const exitCode = await attached(context, run);
  const killed = await memory.explain(exitCode);
  if (killed !== undefined) process.stderr.write(`${killed}\n`);
  return { streamedExitCode: exitCode };
}

/** Those of `-p` that are for this agent. */
async function overlaysAsked<O extends OptionSpecs>(
  { globals, deps }: RunContext<O>,
  agent: AgentRef,
): Promise<readonly string[]> {
  if (globals.overlays.length === 0) return [];
  const { overlaysOf } = await deps.config();
  return overlaysOf(agent).filter((name) => globals.overlays.includes(name));
}

type Run = (tty: boolean, streams: ExecStreams) => Promise<number>;

async function captured(agent: { index: number; name: string }, run: Run): Promise<CommandResult> {
  const [stdout, stderr] = [createTextSink(JSON_BYTES), createTextSink(JSON_BYTES)];
  const exitCode = await run(false, { stdin: undefined, stdout: stdout.stream, stderr: stderr.stream });
  const data = {
    ...agent,
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated() || stderr.truncated(),
  };
  return { data, human: () => "", exitCode: exitCode as 0 };
}

async function attached<O extends OptionSpecs>(context: RunContext<O>, run: Run): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const tty = stdin.isTTY && stdout.isTTY;
  const undo: (() => void)[] = [];
  context.shutdown.signal.throwIfAborted();
  // From here on a signal is the command's, also one that comes before it has started.
  const early: NodeJS.Signals[] = [];
  let sendOn = (signal: NodeJS.Signals): void => {
    early.push(signal);
  };
  undo.push(
    context.shutdown.delegate((signal) => {
      sendOn(signal);
    }),
  );
  const streams: ExecStreams = {
    stdin,
    stdout,
    stderr,
    onSignals(send) {
      sendOn = send;
      early.forEach(send);
      // A reader that went away (`| head`): end the command as a pipe would.
      const onClosed = () => {
        send("SIGPIPE");
      };
      stdout.on("error", onClosed);
      undo.push(() => stdout.off("error", onClosed));
    },
    onResize(resize) {
      const tell = () => {
        resize(stdout.columns, stdout.rows);
      };
      tell();
      stdout.on("resize", tell);
      undo.push(() => stdout.off("resize", tell));
    },
  };
  if (tty) {
    stdin.setRawMode(true);
    undo.push(() => stdin.setRawMode(false));
  }
  try {
    return await run(tty, streams);
  } finally {
    for (const step of undo) step();
    // An idle pipe must not keep devkit alive after the command ended.
    stdin.destroy();
  }
}

function terminalSize(): { columns: number; rows: number } {
  return { columns: process.stdout.columns, rows: process.stdout.rows };
}

/** A failure to even start the command is told apart from the command's own codes: 125. */
async function withExecCode(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!isDevkitError(error) || error.exitCode !== 1) throw error;
    throw new DevkitError("E_EXEC", error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: error.details,
      cause: error,
    });
  }
}
