import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { RunHostCommand } from "../../app/ports-hooks.js";

/** How long what a command started in the background is waited for, when it holds on to the command's output. */
const OUTPUT_MS = 2000;

/** Runs commands in a directory, each with a process group of its own, so that all of it can be ended. */
export function createHostCommands(
  cwd: string,
  env: Readonly<Partial<Record<string, string>>>,
): RunHostCommand {
  return ({ command, output, signal, env: more }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const child = spawn("/bin/sh", ["-c", command], {
        cwd,
        env: { ...env, DEVKIT_HOOK: "host", ...more },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
      const end = () => {
        if (child.pid !== undefined) endGroup(child.pid);
      };
      signal.addEventListener("abort", end, { once: true });
      const settle = (code: number | null, killedBy: NodeJS.Signals | null) => {
        signal.removeEventListener("abort", end);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]));
      };
      child.on("error", reject);
      child.on("close", settle);
      child.on("exit", (code, killedBy) => {
        setTimeout(() => {
          settle(code, killedBy);
        }, OUTPUT_MS).unref();
      });
    });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
