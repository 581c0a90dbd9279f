/** Handles signals as devkit does, and prints what happens. `delegate`: an inner command takes the first one. */
import { installShutdown } from "../../../src/base/shutdown.js";
import { toDevkitError } from "../../../src/base/errors.js";

const shutdown = installShutdown();
shutdown.signal.addEventListener("abort", () => {
  console.log(toDevkitError(shutdown.signal.reason).code);
});
if (process.argv[2] === "delegate") {
  const release = shutdown.delegate((signal) => {
    release();
    console.log(`inner ${signal}`);
  });
}
setInterval(() => undefined, 60_000);
console.log("ready");
