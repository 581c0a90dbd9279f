import { shellWord } from "../../base/shell-word.js";
import type { SettingPath } from "../locate.js";
import { nameOf, type Reading } from "./reading.js";

type HookList = "on_create" | "on_start" | "host";

/** A property of the lifecycle as one command of a list of hooks. */
export function readCommand(hook: HookList): (value: unknown, at: SettingPath, reading: Reading) => void {
  return (value, at, reading) => {
    const command = commandOf(value, at, reading);
    if (command === undefined) return;
    if (hook === "host" && command.includes("${containerEnv:"))
      reading.refuse(at, "${containerEnv:…} has no value on the host, before there is a container");
    else reading.add(["hooks", hook], hook === "host" ? command : withShellVariables(command), at);
  };
}

export function readPostAttach(value: unknown, at: SettingPath, reading: Reading): void {
  if (commandOf(value, at, reading) !== undefined)
    reading.note(
      at,
      "postAttachCommand is not run, since nobody attaches to an agent; run it with devkit exec",
    );
}

const WAITABLE = [
  "initializeCommand",
  "onCreateCommand",
  "updateContentCommand",
  "postCreateCommand",
  "postStartCommand",
];

export function readWaitFor(value: unknown, at: SettingPath, reading: Reading): void {
  const name = reading.text(value, at);
  if (name !== undefined && !WAITABLE.includes(name))
    reading.refuse(at, `waitFor must be one of: ${WAITABLE.join(", ")}`);
}

/** Undefined when there is nothing to run, or a finding was made. */
function commandOf(value: unknown, at: SettingPath, reading: Reading): string | undefined {
  if (typeof value === "string" || Array.isArray(value)) return oneCommand(value, at, reading);
  if (typeof value !== "object" || value === null) {
    reading.refuse(at, `${nameOf(at)} must be text, a list or an object of commands`);
    return undefined;
  }
  const commands = reading
    .members(value, at)
    .map(([name, one]) => ({ name, command: oneCommand(one, [...at, name], reading) }))
    .filter((one): one is Named => one.command !== undefined);
  return commands.length > 1 ? parallel(commands) : commands[0]?.command;
}

/** Text is for a shell; a list is a program and its arguments, for no shell to look at. */
function oneCommand(value: unknown, at: SettingPath, reading: Reading): string | undefined {
  if (Array.isArray(value)) {
    const words = value.map((word, index) => reading.text(word, [...at, index]) ?? "");
    return words.length === 0 ? undefined : words.map(argument).join(" ");
  }
  const text = reading.text(value, at)?.trim();
  return text === "" ? undefined : text;
}

interface Named {
  readonly name: string;
  readonly command: string;
}

/** All at once in one line of shell that fails with the code of one that failed, and names each. */
function parallel(commands: readonly Named[]): string {
  const start = commands.map(({ command }, index) => `sh -c ${quote(command)} & p${String(index)}=$!;`);
  const wait = commands.map(({ name }, index) => {
    const complain = `echo ${shellWord(`${name} failed`)} >&2`;
    return `wait $p${String(index)} || { r=$?; ${complain}; };`;
  });
  return `r=0; ${[...start, ...wait].join(" ")} (exit $r)`;
}

/** Always in quotes, so that nothing of it is the outer shell's. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const CONTAINER_ENV = /\$\{containerEnv:(\w+)(?::([^{}]*))?\}/g;

/** A quoted word, in which variables of the container are left for the shell. */
function argument(word: string): string {
  let end = 0;
  let quoted = "";
  for (const match of word.matchAll(CONTAINER_ENV)) {
    if (match.index > end) quoted += quote(word.slice(end, match.index));
    quoted += `"${match[0]}"`;
    end = match.index + match[0].length;
  }
  if (end === 0) return shellWord(word);
  return end < word.length ? `${quoted}${quote(word.slice(end))}` : quoted;
}

/** `${containerEnv:NAME}` as the shell in the container spells it. */
function withShellVariables(command: string): string {
  return command.replaceAll(CONTAINER_ENV, (_, name: string, fallback: string | undefined) =>
    fallback === undefined ? `\${${name}}` : `\${${name}:-${fallback}}`,
  );
}
