import type { PaneCommand } from "../../app/ports-sessions.js";
import type { SessionsContext } from "./context.js";
import { paneWords, titleCommands } from "./pane-words.js";
import { tmuxError } from "./run-tmux.js";
import { anyOf, hasOptions, type ScriptCommand } from "./tmux-script.js";

export interface CreateSession {
  /** The first that is free is taken. */
  readonly names: readonly string[];
  /** What marks the session as the one that it is; there is never a second with the same. */
  readonly owner: Readonly<Record<string, string>>;
  readonly pane: PaneCommand;
  /** What belongs to its first window. */
  readonly marks: (target: string) => ScriptCommand[];
}

/**
 * Makes a session unless there is one with these marks, and answers its name. tmux does all of it as one, so that no other
 * process sees half of it and none makes a second.
 * @throws DevkitError E_TMUX
 */
export async function createSession(
  { tmux, env }: SessionsContext,
  { names, owner, pane, marks }: CreateSession,
): Promise<string | undefined> {
  const exists = anyOf("S", hasOptions(owner));
  let complaint = "";
  for (const name of names) {
    const target = `=${name}:`;
    const make: ScriptCommand[] = [
      ["new-session", "-d", "-P", "-F", "#{session_id}", "-s", name, ...paneWords(pane, env)],
      ...Object.entries(owner).map(([option, value]): ScriptCommand => [
        "set-option",
        "-t",
        target,
        option,
        value,
      ]),
      // The user's own sessions may well end when nobody looks.
      ["set-option", "-t", target, "destroy-unattached", "off"],
      ...titleCommands(target, pane.title),
      ...marks(target),
    ];
    const answer = await tmux.run([["if-shell", "-F", exists, [["display-message", "-p", ""]], make]]);
    if (answer.ok) return answer.output.trim() === "" ? undefined : name;
    complaint = answer.complaint;
    if (!complaint.includes("duplicate session")) break;
  }
  throw tmuxError(complaint);
}
