import { Argument, Command as Program, CommanderError, InvalidArgumentError, Option } from "commander";
import { DevkitError, errorMessage, toDevkitError } from "../base/errors.js";
import type { Command, CommandTable, GlobalOptions, OptionSpec } from "./command.js";
import { addGlobalOptions, ownWords, peekGlobals, readGlobals } from "./globals.js";
import { readVersion } from "./version.js";

/** A command with the arguments and options that somebody typed. */
export interface ChosenCommand {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly globals: GlobalOptions;
}

/** What became of a command line: a command to run, a text that was written (help), or a mistake in it. */
export type ParsedLine =
  | { readonly kind: "chosen"; readonly chosen: ChosenCommand }
  | { readonly kind: "answered" }
  | {
      readonly kind: "wrong";
      /** The words of the command, as far as they name one. */
      readonly words: string;
      readonly error: DevkitError;
      readonly globals: GlobalOptions;
    };

/** Reads one command line (without `node` and the program) with the commands of a table; `write` gets help texts. */
export async function parseCommandLine(
  table: CommandTable,
  argv: readonly string[],
  write: (text: string) => void,
): Promise<ParsedLine> {
  const { commands } = table;
  let chosen: ChosenCommand | undefined;
  const program = buildProgram(table, write, (command, leaf) => {
    chosen = { command, args: leaf.args, options: leaf.opts(), globals: readGlobals(leaf) };
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: "answered" };
    const words = wordsOf(program, argv, commands);
    if (error instanceof CommanderError && error.code === "commander.help" && words === "") {
      program.outputHelp();
      return { kind: "answered" };
    }
    const globals = peekGlobals(argv, commands);
    return { kind: "wrong", words, error: toUsageError(error, words, commands), globals };
  }
  return chosen === undefined ? { kind: "answered" } : { kind: "chosen", chosen };
}

/** The whole tree, from the command table; `choose` is called with the command the user typed. */
function buildProgram(
  { commands, groups: texts, about }: CommandTable,
  write: (text: string) => void,
  choose: (command: Command, leaf: Program) => void,
): Program {
  const root = addGlobalOptions(new Program("devkit"))
    .description(about)
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined })
    .showSuggestionAfterError(true);
  const groups = new Map([["", root]]);
  for (const command of commands) {
    const words = command.path.split(" ");
    const name = words.pop() ?? "";
    addCommand(groupOf(groups, words, texts), name, command, choose);
  }
  return root;
}

/** What holds the commands below these words, made with the groups it is in when there is none yet. */
function groupOf(
  groups: Map<string, Program>,
  words: readonly string[],
  texts: CommandTable["groups"],
): Program {
  const path = words.join(" ");
  const found = groups.get(path);
  if (found !== undefined) return found;
  const parent = groupOf(groups, words.slice(0, -1), texts);
  const made = addGlobalOptions(
    parent
      .command(words.at(-1) ?? "")
      .copyInheritedSettings(parent)
      .helpCommand(false),
  );
  groups.set(path, made.enablePositionalOptions().description(texts[path] ?? ""));
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
  parent.addCommand(leaf, { hidden: command.hidden === true });
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
function wordsOf(program: Program, argv: readonly string[], commands: readonly Command[]): string {
  const words: string[] = [];
  let level = program;
  for (const word of ownWords(argv, commands).filter((one) => !one.startsWith("-"))) {
    const next = level.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    words.push(word);
    level = next;
  }
  return words.join(" ");
}

function toUsageError(error: unknown, words: string, commands: readonly Command[]): DevkitError {
  if (!(error instanceof CommanderError)) return toDevkitError(error);
  const help = `devkit ${words} --help`.replace("  ", " ");
  if (error.code === "commander.help") {
    const names = commands
      .filter(({ path }) => path.startsWith(`${words} `))
      .map(({ path }) => path.slice(words.length + 1));
    return new DevkitError("E_USAGE", `devkit ${words} needs one of: ${names.join(", ")}`, { hint: help });
  }
  const unknown = /^error: unknown command '(.+?)'/.exec(error.message)?.[1];
  const meant = commands.find(({ path }) => unknown !== undefined && path.endsWith(` ${unknown}`));
  if (meant !== undefined) {
    return new DevkitError("E_USAGE", `unknown command '${unknown ?? ""}'`, {
      hint: `Did you mean: devkit ${meant.path}`,
    });
  }
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion === undefined ? help : `${suggestion.replaceAll(/[()]/g, "")}  See: ${help}`;
  return new DevkitError("E_USAGE", message, { hint });
}
