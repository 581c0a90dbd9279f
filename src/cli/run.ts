import { installShutdown } from "../base/shutdown.js";
import { createReporter, type Reporter } from "../output/reporter.js";
import type { GlobalOptions } from "./command.js";
import { createDeps } from "./deps.js";
import { parseCommandLine } from "./parse-command-line.js";
import { runCommand } from "./run-command.js";
import { COMMANDS, GROUPS } from "./table.js";

const ABOUT =
  "Run N coding agents on one git repository, each in its own container with its own worktree, branch and HOME.";

/** Runs one command line (without `node` and the program) and resolves with the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const shutdown = installShutdown();
  const table = { commands: COMMANDS, groups: GROUPS, about: ABOUT };
  const line = await parseCommandLine(table, argv, (text) => process.stdout.write(text));
  if (line.kind === "answered") return 0;
  if (line.kind === "wrong") {
    reporterFor(line.globals).failure(line.words, line.error);
    return 2;
  }
  const { globals } = line.chosen;
  const reporter = reporterFor(globals);
  return runCommand(line.chosen, { deps: createDeps({ globals, reporter, shutdown }), reporter, shutdown });
}

function reporterFor(globals: GlobalOptions): Reporter {
  const { json, color, verbose } = globals;
  const { stdout, stderr } = process;
  const isColored = (stream: NodeJS.WriteStream) =>
    color && (process.env["NO_COLOR"] ?? "") === "" && stream.isTTY;
  return createReporter({
    json,
    color: isColored(stderr),
    answerColor: isColored(stdout),
    verbose,
    stdout,
    stderr,
  });
}
