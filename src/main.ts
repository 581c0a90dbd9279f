#!/usr/bin/env node
import { runCommandLine } from "./cli/run.js";

// A reader that went away (`devkit … | head`) is not an error worth a stack trace.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const exitCode = await runCommandLine(process.argv.slice(2));
// What was written last may still be on its way to a slow reader.
await new Promise((resolve) => process.stdout.write("", resolve));
process.exit(exitCode);
