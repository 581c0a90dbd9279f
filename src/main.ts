import { runCommandLine } from "./cli/run.js";

// A reader that went away (`devkit … | head`) or a terminal that was closed is not an error worth a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

void runCommandLine(process.argv.slice(2)).then(async (exitCode) => {
  // What was written last may still be on its way to a slow reader.
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit(exitCode);
});
