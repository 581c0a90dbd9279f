import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { PROGRAM, type Sandbox } from "./sandbox.js";

/** How a process ended: by itself, or by a signal. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A devkit that runs while the test looks at it. Nothing reads its output unless the test does. */
export interface LiveProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  isRunning(): boolean;
  /** The most memory it has had so far; 0 once it has ended. */
  peakBytes(): Promise<number>;
  /** All bytes it has read so far, from wherever. */
  readBytes(): Promise<number>;
}

const running = new Set<ChildProcess>();

/** Starts devkit in the sandbox's repository, with pipes. */
export function startDevkit(
  box: Sandbox,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): LiveProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: box.repo, env: { ...box.env, ...env } });
  running.add(child);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  // The reader went away; what devkit makes of it is what the tests look at.
  child.stdin.on("error", () => undefined);
  const proc = (file: string) => readFile(`/proc/${String(child.pid)}/${file}`, "utf8").catch(() => "");
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: (signal) => child.kill(signal),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    peakBytes: async () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(await proc("status"))?.[1] ?? 0) * 1024,
    readBytes: async () => Number(/^rchar: (\d+)$/m.exec(await proc("io"))?.[1] ?? 0),
  };
}

/** Ends what a failed test left running. */
export function killLeftProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Everything a stream gives, to its end. */
export async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Runs devkit to its end with this input and answers the exact bytes. */
export async function runBytes(
  box: Sandbox,
  args: readonly string[],
  input: string | Buffer = "",
): Promise<{ exitCode: number | null; stdout: Buffer; stderr: Buffer }> {
  const live = startDevkit(box, args);
  live.stdin.end(input);
  const [stdout, stderr, { code }] = await Promise.all([
    collect(live.stdout),
    collect(live.stderr),
    live.ended,
  ]);
  return { exitCode: code, stdout, stderr };
}

/** Resolves after a while with a value: for the moment of an event, or the loser of a race against one. */
export function afterMs<T>(delay: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(resolve, delay, value);
  });
}

/** Whether a running process makes no progress for a while: it waits for its reader. */
export async function stalls(live: LiveProcess): Promise<boolean> {
  const before = await live.readBytes();
  await afterMs(500, undefined);
  return live.isRunning() && (await live.readBytes()) === before;
}

/** Command lines of what runs in an agent, besides the look itself and what keeps it up. */
export async function processesIn(box: Sandbox, agent: number): Promise<string[]> {
  const { stdout } = await box.devkit("exec", String(agent), "--", "ps", "-eo", "args=");
  return stdout.split("\n").filter((line) => !/^(ps |sleep infinity|\/sbin\/docker-init)/.test(line));
}
