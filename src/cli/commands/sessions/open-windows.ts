import { agentWindow, type WindowNeeds } from "../../../app/sessions/agent-window.js";
import type { LayoutWindow } from "../../../domain/sessions/layout.js";
import { windowKeys } from "../../../domain/sessions/layout.js";
import { windowsText, type WindowRow } from "../../../output/views/sessions.js";
import type { CommandResult, OptionSpecs, RunContext } from "../../command.js";
import { ownCommand } from "../../own-command.js";

export interface WindowsToOpen {
  readonly session: string;
  readonly windows: readonly LayoutWindow[];
  /** Undefined: where there is a terminal to show it on. */
  readonly attach: boolean | undefined;
  /** What the answer says besides. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Makes the windows that are missing, shows the session, and says what was done. */
export async function openSessionWindows<O extends OptionSpecs>(
  { deps, globals, reporter }: RunContext<O>,
  { session, windows, attach, data }: WindowsToOpen,
): Promise<CommandResult> {
  const [project, sessions, pool] = await Promise.all([deps.project(), deps.sessions(), deps.tasks()]);
  const needs: WindowNeeds = {
    project,
    findBranch: (agent) => pool.findBranch(agent),
    devkit: (...words) => ownCommand(project.root, globals, words),
  };
  const keys = windowKeys(windows);
  const requests = windows.map((window, position) => agentWindow(needs, keys[position] ?? "", window));
  const made = await sessions.open(session, requests);
  const rows = windows.map(({ agent }, position): WindowRow => {
    const { key, title } = requests[position] ?? { key: "", title: "" };
    return { ...agent, title, opened: made.opened.includes(key) };
  });
  const shows = attach ?? (!reporter.json && (await sessions.canAttach()));
  if (shows) {
    reporter.close();
    await sessions.attachGroup(session);
  }
  return {
    data: { session: made.session, windows: rows, attached: shows, ...data },
    human: () => windowsText(made.session, rows, shows),
  };
}
