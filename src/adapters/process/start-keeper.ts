import { spawn } from "node:child_process";
import type { Keeper } from "../../app/ports-runs.js";

/** Waits for a word, or for the end of whoever could say it. */
const WAIT = 'read -r word; [ "$word" = over ] || exec "$@"';

/**
 * Starts a shell in a session of its own that does nothing as long as this process is there, and runs a command once it is
 * gone without having said that all is over: killed, that is, with no time left for anything.
 */
export function startKeeper(argv: readonly string[], directory: string): Keeper {
  const child = spawn("/bin/sh", ["-c", WAIT, "devkit-keeper", ...argv], {
    ...{ cwd: directory, detached: true, stdio: ["pipe", "ignore", "ignore"] },
  });
  // Without it the next command does the same.
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  return {
    release: () => {
      child.stdin.end("over\n");
    },
  };
}
