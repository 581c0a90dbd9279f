import { spawn } from "node:child_process";
import { PROGRAM, type Finished } from "../support/sandbox.js";
import { HANG_MS, type World } from "./world.js";

/** A devkit that goes its way while something happens to it. */
export interface RunningDevkit {
  readonly pid: number;
  /** Kills it with -9: it alone, as the kernel does when memory is short, or all that it has started, too. */
  kill(whole: boolean): void;
  /** 128 and more: ended by a signal; -1: it hung and was ended. */
  readonly ended: Promise<Finished>;
}

/** Starts devkit in a process group of its own, with something before it (`strace …`) if need be. */
export function startFaulty(
  { box }: World,
  args: readonly string[],
  before: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): RunningDevkit {
  const [program = "", ...words] = [...before, process.execPath, PROGRAM, ...args];
  const child = spawn(program, words, {
    ...{ cwd: box.repo, env: { ...box.env, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const pid = child.pid ?? 0;
  const killAll = () => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // All of it has ended already.
    }
  };
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    killAll();
  }, HANG_MS);
  const ended = new Promise<Finished>((resolve) => {
    // Not "close": what it has started may outlive it, with its output open.
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve({ exitCode: hung ? -1 : (code ?? 137), ...text });
    });
  });
  const kill = (whole: boolean) => {
    if (whole) killAll();
    else child.kill("SIGKILL");
  };
  return { pid, ended, kill };
}
