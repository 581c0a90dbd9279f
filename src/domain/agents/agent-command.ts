import { showText } from "../../base/show-text.js";
import type { AgentSettings } from "../settings/settings.js";

/** What the arguments of an agent's program can speak of. */
export interface CommandPlace {
  readonly agent: string;
  readonly branch: string;
  /** Undefined: it has none. */
  readonly task: { readonly id: string; readonly title: string } | undefined;
}

const PLACEHOLDER = /\{(task|title|agent|branch)\}/g;
const OF_TASK = /\{(?:task|title)\}/;

/** Anything that a container can be asked to run. */
export function isProgram(text: string): boolean {
  return /^[^-\p{Cc}\s]\P{Cc}*$/u.test(text);
}

/**
 * The program of a spawned agent and its arguments, each one argument whatever it is filled with. Those that speak of a
 * task are left out where there is none.
 */
export function agentCommand(
  { command, args }: Pick<AgentSettings, "command" | "args">,
  place: CommandPlace,
): [string, ...string[]] {
  const { agent, branch, task } = place;
  // A title is anybody's text, and goes to a terminal as a rule.
  const values: Readonly<Record<string, string>> = {
    ...{ agent, branch, task: task?.id ?? "", title: showText(task?.title ?? "") },
  };
  const told = task === undefined ? args.filter((one) => !OF_TASK.test(one)) : args;
  return [
    command,
    ...told.map((one) => one.replaceAll(PLACEHOLDER, (_, name: string) => values[name] ?? "")),
  ];
}
