import type Docker from "dockerode";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecRequest, ExecStreams } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import { engineMessage, statusOf, withEngineErrors } from "./errors.js";
import { copyTo, demultiplex } from "./streams.js";

/** Marks a command and everything it starts, so that signals can find them: the engine has no way to send any. */
const MARK = "DEVKIT_EXEC";

/**
 * Runs inside the container before the command: gives the terminal its size, falls back from a terminal type the image
 * does not know, and becomes the command.
 */
const PRELUDE = `
[ -z "$1" ] || stty cols "$1" rows "$2" 2>/dev/null
shift 2
if [ -n "\${TERM-}" ]; then
  for dir in "\${HOME-}/.terminfo" /etc/terminfo /lib/terminfo /usr/share/terminfo; do
    [ -e "$dir/\${TERM%"\${TERM#?}"}/$TERM" ] && known=1
  done
  [ -n "\${known-}" ] || TERM=xterm-256color
  unset dir known
fi
exec "$@"
`;

/**
 * Sends a signal to every process of a marked command; it may only just be starting. One that ends them is sent again
 * until none is left: while the list was made, one of them can have started another.
 */
const SIGNAL = `
find() { pids=$(grep -lsz -- "^${MARK}=$2\\$" /proc/[0-9]*/environ | cut -d/ -f3); }
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  find "$@"
  [ -z "$pids" ] || break
  sleep 0.1
done
kill -s "$1" -- $pids \${3:+-$3}
[ "$1" = KILL ] || exit 0
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  sleep 0.1
  find "$@"
  [ -n "$pids" ] || exit 0
  kill -s KILL -- $pids
done
`;

const SHELL = "/bin/sh";
/** How long the engine is waited for when a command is to be ended. */
const SIGNAL_MS = 5000;

/** Runs one command in a container; resolves with its exit code. */
export async function execIn(
  docker: Docker,
  containerId: string,
  request: ExecRequest,
  streams: ExecStreams,
): Promise<number> {
  const id = randomBytes(6).toString("hex");
  const exec = await create(docker, containerId, request, id, streams.stdin !== undefined);
  const socket = await withEngineErrors("start the command", () =>
    exec.start({ hijack: true, stdin: true, Tty: request.tty }),
  );
  socket.on("error", () => undefined);
  streams.onSignals?.((signal) => void sendSignal(docker, containerId, { id, exec }, signal));
  if (request.tty) streams.onResize?.((columns, rows) => void resize(exec, columns, rows));
  feed(streams.stdin, socket);
  let ending: Promise<void> | undefined;
  const abort = () => {
    ending = sendSignal(docker, containerId, { id, exec }, "SIGKILL").catch(() => undefined);
    socket.destroy();
  };
  streams.signal?.addEventListener("abort", abort, { once: true });
  if (streams.signal?.aborted === true) abort();
  try {
    await copyOutput(socket, request, streams);
  } finally {
    streams.signal?.removeEventListener("abort", abort);
    // The engine has to have it before this process ends, unless it does not answer.
    await Promise.race([ending, sleep(SIGNAL_MS, undefined, { ref: false })]);
    streams.stdin?.unpipe(socket);
  }
  return exitCode(exec);
}

async function copyOutput(socket: Duplex, request: ExecRequest, streams: ExecStreams): Promise<void> {
  try {
    if (request.tty) await copyTo(socket, streams.stdout);
    else await demultiplex(socket, streams.stdout, streams.stderr);
  } catch (error) {
    streams.signal?.throwIfAborted();
    throw error;
  }
  streams.signal?.throwIfAborted();
}

async function create(
  docker: Docker,
  containerId: string,
  request: ExecRequest,
  id: string,
  attachStdin: boolean,
): Promise<Docker.Exec> {
  try {
    return await docker.getContainer(containerId).exec({
      Cmd: [SHELL, "-c", PRELUDE, "devkit exec", ...sizeOf(request), ...request.argv],
      Env: Object.entries({ ...request.env, [MARK]: id }).map(([name, value]) => `${name}=${value}`),
      WorkingDir: request.workdir,
      Tty: request.tty,
      AttachStdin: attachStdin,
      AttachStdout: true,
      AttachStderr: true,
    });
  } catch (error) {
    if (statusOf(error) === 409) {
      throw new DevkitError(
        "E_AGENT_NOT_RUNNING",
        `the container cannot run commands: ${engineMessage(error)}`,
        {
          cause: error,
        },
      );
    }
    return withEngineErrors("run a command", () => Promise.reject(error as Error));
  }
}

function sizeOf({ size }: ExecRequest): [string, string] {
  return size === undefined ? ["", ""] : [String(size.columns), String(size.rows)];
}

function feed(stdin: NodeJS.ReadableStream | undefined, socket: Duplex): void {
  if (stdin === undefined) socket.end();
  else stdin.pipe(socket);
}

async function sendSignal(
  docker: Docker,
  containerId: string,
  { id, exec }: { id: string; exec: Docker.Exec },
  signal: NodeJS.Signals,
): Promise<void> {
  const group = await findGroup(exec);
  const sender = await docker.getContainer(containerId).exec({
    Cmd: [SHELL, "-c", SIGNAL, "devkit-signal", signal.replace(/^SIG/, ""), id, group],
  });
  await sender.start({ Detach: true });
}

/** The command's process group inside, where the engine runs on this machine: a command can clear its environment. */
async function findGroup(exec: Docker.Exec): Promise<string> {
  const { Pid: pid } = await exec.inspect();
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8").catch(() => "");
  return /^NSpid:.*\s(\d+)$/m.exec(status)?.[1] ?? "";
}

/** The size cannot be set before the process is there; a late or failed attempt only costs a wrong size. */
async function resize(exec: Docker.Exec, columns: number, rows: number): Promise<void> {
  const attempt = async () =>
    exec.resize({ h: rows, w: columns }).then(
      () => true,
      () => undefined,
    );
  await waitFor(attempt, { deadlineMs: 2000, intervalMs: 10, what: "the terminal to take its size" }).catch(
    () => undefined,
  );
}

/** The stream can end a moment before the engine has noted the exit code. */
async function exitCode(exec: Docker.Exec): Promise<number> {
  return waitFor(
    async () => {
      const state = await withEngineErrors("ask for the exit code", () => exec.inspect());
      return state.Running ? undefined : (state.ExitCode ?? 0);
    },
    { deadlineMs: 60_000, intervalMs: 5, what: "the command's exit code" },
  );
}
