import type { Deps } from "./deps.js";
import type { Shutdown } from "../base/shutdown.js";
import type { ExitCode } from "../base/error-codes.js";
import type { Reporter } from "../output/reporter.js";

/** One option: its flags as commander writes them, its text, and how its value is read. */
export interface OptionSpec<T> {
  readonly flags: string;
  readonly description: string;
  readonly parse?: (raw: string) => unknown;
  readonly choices?: readonly string[];
  readonly fallback?: unknown;
  /** A second spelling, which sets it to false. */
  readonly negative?: string;
  /** Carries the type only. */
  readonly type?: T;
}

/** A switch that is on or absent. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { flags, description, fallback: false };
}

/** A switch that is on, off (`--no-…`) or not mentioned. */
export function toggle(flags: `--${string}`, description: string): OptionSpec<boolean | undefined> {
  return { flags, description, negative: flags.replace("--", "--no-") };
}

/** A whole number of at least `min`. */
export function count(flags: string, description: string, min: number): OptionSpec<number | undefined> {
  return { flags, description, parse: (raw) => parseCount(raw, min) };
}

/** A word; `parse` throws a TypeError for one that will not do. */
export function text(
  flags: string,
  description: string,
  parse?: (raw: string) => string,
): OptionSpec<string | undefined> {
  return { flags, description, ...(parse === undefined ? {} : { parse }) };
}

/** Words, of which one or more follow the option, which may be there more than once. */
export function words(flags: string, description: string): OptionSpec<readonly string[] | undefined> {
  return { flags, description };
}

export interface ArgumentSpec {
  /** `<name>`, `[name]` or with `...` for the rest, as in a usage line. */
  readonly syntax: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** What completion offers. */
  readonly completes?: "agents" | "overlays";
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never;
};

/** What a command answers: data for `--json`, and the same for people. */
export interface CommandResult {
  readonly data: unknown;
  readonly human: () => string;
  /** 0 unless the command did its work and still has bad news. */
  readonly exitCode?: ExitCode | 0;
}

/** The command wrote its own output (a stream, a terminal) and knows its exit code. */
export interface StreamedResult {
  readonly streamedExitCode: number;
}

export interface RunContext<O extends OptionSpecs> {
  /** Arguments in the order of `arguments`; a variadic one is the array's tail. */
  readonly args: readonly string[];
  readonly options: OptionValues<O>;
  readonly globals: GlobalOptions;
  readonly deps: Deps;
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
}

export interface CommandSpec<O extends OptionSpecs> {
  /** The words after `devkit`: `agent up`. */
  readonly path: string;
  readonly summary: string;
  /** More than the summary, for the command's own help and the docs. */
  readonly description?: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: O;
  readonly examples: readonly string[];
  /** Everything after the first argument belongs to an inner command and is not looked at. */
  readonly inner?: boolean;
  /** For programs that devkit writes; neither help nor the docs name it. */
  readonly hidden?: boolean;
  /** Shape of `data` in `--json`, for the docs. */
  readonly json: string;
  run(context: RunContext<O>): Promise<CommandResult | StreamedResult>;
}

/** Any command, its option types forgotten. */
export type Command = Omit<CommandSpec<OptionSpecs>, "run"> & {
  run(context: RunContext<never>): Promise<CommandResult | StreamedResult>;
};

/** The commands that a program has, in the order of its help. */
export interface CommandTable {
  readonly commands: readonly Command[];
  /** What the first words of commands of several words stand for. */
  readonly groups: Readonly<Record<string, string>>;
  /** What the program is, for its help. */
  readonly about: string;
}

/** Options that stand anywhere before the inner command, the same for all commands. */
export interface GlobalOptions {
  readonly directory: string | undefined;
  readonly config: string | undefined;
  readonly overlays: readonly string[];
  /** As they were written; checked when the settings are read. */
  readonly profiles: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  /** Nothing is fetched or built (also DEVKIT_OFFLINE). */
  readonly offline: boolean;
}

/** Declares a command; `run`'s options are inferred from `options`. */
export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  for (const [key, option] of Object.entries(spec.options)) {
    const long = /--([a-z][a-z-]*)/.exec(option.flags)?.[1] ?? "";
    const camel = long
      .replace(/^no-/, "")
      .replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (camel !== key)
      throw new Error(`option ${option.flags} of "${spec.path}" must be named ${camel}, not ${key}`);
  }
  return spec;
}

function parseCount(raw: string, min: number): number {
  const value = Number(raw);
  if (!/^\d+$/.test(raw) || value < min) {
    throw new TypeError(`"${raw}" is not a whole number of at least ${String(min)}.`);
  }
  return value;
}
