import { spawn } from "node:child_process";
import { identityOf, type ProcessIdentity } from "./process-identity.js";

/**
 * Sleeps a minute at most at once: clocks are set, and machines sleep. Ends by itself when its file is gone, which is with
 * the project at the latest; the file is gone before the command runs, for that may start the next.
 */
const WAIT = `file=$1 at=$2; shift 2
while [ -e "$file" ]; do
  rest=$((at - $(date +%s)))
  if [ "$rest" -le 0 ]; then rm -f -- "$file"; exec "$@"; fi
  [ "$rest" -le 60 ] || rest=60
  sleep "$rest"
done`;

/**
 * Starts a shell in a session of its own, where neither a terminal that is closed nor a job that is killed as a group takes
 * it along; it runs a command once that time has come, as long as there is this file. Undefined: it could not be started.
 */
export async function startWaker(
  argv: readonly string[],
  at: Date,
  file: string,
): Promise<ProcessIdentity | undefined> {
  const seconds = String(Math.ceil(at.getTime() / 1000));
  const child = spawn("/bin/sh", ["-c", WAIT, "devkit-waker", file, seconds, ...argv], {
    ...{ cwd: "/", detached: true, stdio: "ignore" },
  });
  // Without it the next command does the same.
  child.on("error", () => undefined);
  child.unref();
  return child.pid === undefined ? undefined : identityOf(child.pid);
}
