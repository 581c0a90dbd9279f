import { Argument, Command as Program, CommanderError, InvalidArgumentError, Option } from "commander";
import { DevkitError, errorMessage, toDevkitError } from "../base/errors.js";
import { installShutdown, type Shutdown } from "../base/shutdown.js";
import { createReporter, type Reporter } from "../output/reporter.js";
import type { Command, GlobalOptions, OptionSpec, RunContext } from "./command.js";
import { createDeps } from "./deps.js";
import { addGlobalOptions, ownWords, peekGlobals, readGlobals } from "./globals.js";
import { COMMANDS, GROUPS } from "./table.js";
import { readVersion } from "./version.js";

const GRACE_MS = 5000;

/** Runs one command line (without `node` and the program) and resolves with the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const shutdown = installShutdown();
  let chosen: { command: Command; program: Program } | undefined;
  const program = buildProgram((command, leaf) => {
    chosen = { command, program: leaf };
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const isEmpty =
      error instanceof CommanderError && error.code === "commander.help" && wordsOf(program, argv) === "";
    if (isEmpty) {
      program.outputHelp();
      return 0;
    }
    const reporter = reporterFor(peekGlobals(argv));
    reporter.failure(wordsOf(program, argv), toUsageError(error, wordsOf(program, argv)));
    return 2;
  }
  if (chosen === undefined) return 0;
  return runCommand(chosen.command, chosen.program, readGlobals(chosen.program), shutdown);
}

async function runCommand(
  command: Command,
  leaf: Program,
  globals: GlobalOptions,
  shutdown: Shutdown,
): Promise<number> {
  const reporter = reporterFor(globals);
  const deps = createDeps({ globals, reporter, shutdown });
  try {
    const context = {
      args: leaf.args,
      options: leaf.opts<never>(),
      globals,
      deps,
      reporter,
      shutdown,
    } satisfies RunContext<never>;
    // Also a command that does not read the settings must not pass over a file or overlay that is not there.
    if (globals.config !== undefined || globals.overlays.length > 0) await deps.config();
    const result = await Promise.race([command.run(context), graceAfter(shutdown.signal)]);
    if ("streamedExitCode" in result) return result.streamedExitCode;
    reporter.answer(command.path, result.data, result.human);
    return result.exitCode ?? 0;
  } catch (error) {
    const failure = toDevkitError(shutdown.signal.aborted ? shutdown.signal.reason : error);
    reporter.failure(command.path, failure);
    return failure.exitCode;
  } finally {
    reporter.close();
  }
}

/** An interrupted command may finish what it has begun, but not take for ever over it. */
function graceAfter(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () =>
      setTimeout(() => {
        reject(toDevkitError(signal.reason));
      }, GRACE_MS).unref(),
    );
  });
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

/** The whole tree, from the command table; `choose` is called with the command the user typed. */
function buildProgram(choose: (command: Command, leaf: Program) => void): Program {
  const root = addGlobalOptions(new Program("devkit"))
    .description(
      "Run N coding agents on one git repository, each in its own container with its own worktree, branch and HOME.",
    )
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showSuggestionAfterError(true);
  const groups = new Map([["", root]]);
  for (const command of COMMANDS) {
    const words = command.path.split(" ");
    const name = words.pop() ?? "";
    addCommand(groupOf(groups, words), name, command, choose);
  }
  return root;
}

/** What holds the commands below these words, made with the groups it is in when there is none yet. */
function groupOf(groups: Map<string, Program>, words: readonly string[]): Program {
  const path = words.join(" ");
  const found = groups.get(path);
  if (found !== undefined) return found;
  const parent = groupOf(groups, words.slice(0, -1));
  const made = addGlobalOptions(
    parent
      .command(words.at(-1) ?? "")
      .copyInheritedSettings(parent)
      .helpCommand(false),
  );
  groups.set(path, made.enablePositionalOptions().description(GROUPS[path] ?? ""));
  return made;
}

function addCommand(
  parent: Program,
  name: string,
  command: Command,
  choose: (c: Command, leaf: Program) => void,
): void {
  const flags = Object.values(command.options).map((spec) => spec.flags);
  const leaf = addGlobalOptions(new Program(name).copyInheritedSettings(parent), flags);
  leaf.summary(command.summary).description(command.description ?? command.summary);
  for (const spec of command.arguments) {
    const argument = new Argument(spec.syntax, spec.description);
    leaf.addArgument(spec.choices === undefined ? argument : argument.choices(spec.choices));
  }
  for (const spec of Object.values(command.options)) {
    leaf.addOption(toCommanderOption(spec));
    if (spec.negative !== undefined) leaf.addOption(new Option(spec.negative, "no more"));
  }
  const examples = command.examples.map((example) => `  $ ${example}`).join("\n");
  leaf.addHelpText("after", `\nExamples:\n${examples}`);
  if (command.inner === true) leaf.passThroughOptions();
  leaf.action(() => {
    choose(command, leaf);
  });
  parent.addCommand(leaf);
}

function toCommanderOption(spec: OptionSpec<unknown>): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.choices !== undefined) option.choices([...spec.choices]);
  const { parse } = spec;
  if (parse !== undefined) {
    option.argParser((raw) => {
      try {
        return parse(raw);
      } catch (error) {
        throw new InvalidArgumentError(errorMessage(error));
      }
    });
  }
  return spec.fallback === undefined ? option : option.default(spec.fallback, "off");
}

/** The words of the command the user typed, as far as they name one. */
function wordsOf(program: Program, argv: readonly string[]): string {
  const words: string[] = [];
  let level = program;
  for (const word of ownWords(argv).filter((one) => !one.startsWith("-"))) {
    const next = level.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    words.push(word);
    level = next;
  }
  return words.join(" ");
}

function toUsageError(error: unknown, words: string): DevkitError {
  if (!(error instanceof CommanderError)) return toDevkitError(error);
  const help = `devkit ${words} --help`.replace("  ", " ");
  if (error.code === "commander.help") {
    const names = COMMANDS.filter(({ path }) => path.startsWith(`${words} `)).map(({ path }) =>
      path.slice(words.length + 1),
    );
    return new DevkitError("E_USAGE", `devkit ${words} needs one of: ${names.join(", ")}`, { hint: help });
  }
  const unknown = /^error: unknown command '(.+?)'/.exec(error.message)?.[1];
  const meant = COMMANDS.find(({ path }) => unknown !== undefined && path.endsWith(` ${unknown}`));
  if (meant !== undefined) {
    return new DevkitError("E_USAGE", `unknown command '${unknown ?? ""}'`, {
      hint: `Did you mean: devkit ${meant.path}`,
    });
  }
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion === undefined ? help : `${suggestion.replaceAll(/[()]/g, "")}  See: ${help}`;
  return new DevkitError("E_USAGE", message, { hint });
}
