#!/usr/bin/env node
import { runCommandLine } from "./cli/run.js";

// A reader that went away (`devkit … | head`) is not an error worth a stack trace.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exit(await runCommandLine(process.argv.slice(2)));
