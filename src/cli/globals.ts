import { Option, type Command as Program } from "commander";
import { PROFILES } from "../domain/settings/profiles.js";
import type { Command, GlobalOptions } from "./command.js";

interface RawGlobals {
  readonly directory?: string;
  readonly config?: string;
  readonly overlay?: string[];
  readonly profile?: string[];
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly offline?: boolean;
}

/** The options every command takes, before or after its words. */
export const GLOBAL_OPTIONS: readonly { readonly flags: string; readonly description: string }[] = [
  { flags: "-C, --directory <dir>", description: "act on the repository of this directory" },
  { flags: "--config <file>", description: "read this file instead of devkit.toml" },
  { flags: "-p, --overlay <name>", description: "apply an overlay; repeatable, later wins" },
  {
    flags: "--profile <names>",
    description: `apply profiles (${PROFILES.join(", ")}); several with commas, or repeat it`,
  },
  { flags: "--json", description: "print one JSON document on stdout" },
  { flags: "-v, --verbose", description: "say more on stderr" },
  {
    flags: "--offline",
    description: "pull, download and build nothing; say what is missing (also DEVKIT_OFFLINE=1)",
  },
  { flags: "--no-color", description: "no colours (also NO_COLOR)" },
];

/** `taken`: flags of the command's own options; a short one that is among them is the command's. */
export function addGlobalOptions(program: Program, taken: readonly string[] = []): Program {
  for (const { flags: all, description } of GLOBAL_OPTIONS) {
    const flags = ownFlags(all, taken);
    const option = new Option(flags, description);
    if (/--(overlay|profile)/.test(flags))
      option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
    program.addOption(option);
  }
  return program;
}

/** The flags of a global option on a command with flags of its own: `--overlay <name>` where `-p` is the command's. */
export function ownFlags(flags: string, taken: readonly string[]): string {
  const short = /^-[A-Za-z], /.exec(flags)?.[0];
  return short !== undefined && taken.some((own) => own.startsWith(short))
    ? flags.slice(short.length)
    : flags;
}

/** Merges what stands before and after the command's words; the latter wins, overlays add up. */
export function readGlobals(leaf: Program): GlobalOptions {
  const levels: RawGlobals[] = [];
  for (let level: Program | null = leaf; level !== null; level = level.parent)
    levels.push(level.opts<RawGlobals>());
  const last = <K extends keyof RawGlobals>(key: K) =>
    levels.find((level) => level[key] !== undefined)?.[key];
  return {
    directory: last("directory"),
    config: last("config"),
    overlays: [...levels].reverse().flatMap((level) => level.overlay ?? []),
    profiles: levels.flatMap((level) => level.profile ?? []).flatMap((names) => names.split(",")),
    json: levels.some((level) => level.json === true),
    verbose: levels.some((level) => level.verbose === true),
    color: !levels.some((level) => level.color === false),
    offline: levels.some((level) => level.offline === true),
  };
}

/** The same from a command line that could not be parsed: only what decides how to say so. */
export function peekGlobals(argv: readonly string[], commands: readonly Command[]): GlobalOptions {
  const own = ownWords(argv, commands);
  return {
    directory: undefined,
    config: undefined,
    overlays: [],
    profiles: [],
    json: own.includes("--json"),
    verbose: own.includes("-v") || own.includes("--verbose"),
    color: !own.includes("--no-color"),
    offline: own.includes("--offline"),
  };
}

const VALUED = GLOBAL_OPTIONS.filter(({ flags }) => flags.includes("<")).flatMap(
  ({ flags }) => flags.match(/--?[A-Za-z]+/g) ?? [],
);

/** The words that are devkit's: not those after `--`, nor those of an inner command. */
export function ownWords(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  const own: string[] = [];
  let isInner = false;
  for (let position = 0; position < argv.length; position += 1) {
    const word = argv[position] ?? "";
    if (word === "--" || (isInner && !word.startsWith("-"))) return own;
    if (VALUED.includes(word)) position += 1;
    else own.push(word);
    isInner ||= commands.some((command) => command.inner === true && command.path === word);
  }
  return own;
}
