import { DevkitError } from "../../../base/errors.js";
import { agentWindow, type WindowNeeds } from "../../../app/sessions/agent-window.js";
import { isOnHost } from "../../../app/host-runtime/is-on-host.js";
import type { ProjectDeps } from "../../../app/ports.js";
import type { LayoutWindow } from "../../../domain/sessions/layout.js";
import { windowKeys } from "../../../domain/sessions/layout.js";
import { windowsText, type WindowRow } from "../../../output/views/sessions.js";
import type { CommandResult, OptionSpecs, RunContext } from "../../command.js";
import { ownCommand } from "../../own-command.js";

export interface WindowsToOpen {
  readonly session: string;
  readonly windows: readonly LayoutWindow[];
  readonly attach: boolean;
  /** What the answer says besides. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Whether a session is to be shown at the end; not asked for, it is on a terminal. Known before anything is done.
 * @throws DevkitError E_USAGE when it is asked for and cannot be, E_TOOL_MISSING
 */
export async function decideAttach<O extends OptionSpecs>(
  { deps, reporter }: RunContext<O>,
  asked: boolean | undefined,
): Promise<boolean> {
  const sessions = await deps.sessions();
  await sessions.require();
  if (asked === undefined) return !reporter.json && process.stdin.isTTY && process.stdout.isTTY;
  if (!asked || (await sessions.canAttach())) return asked;
  throw new DevkitError("E_USAGE", "there is no terminal to show the session on", {
    hint: "leave out --attach; then, in a terminal: tmux attach",
  });
}

async function findOnHost(
  deps: Pick<ProjectDeps, "project" | "state">,
  windows: readonly LayoutWindow[],
): Promise<ReadonlySet<string>> {
  const names = windows.map(async ({ agent }) => ((await isOnHost(deps, agent)) ? [agent.name] : []));
  return new Set((await Promise.all(names)).flat());
}

/** Makes the windows that are missing, shows the session, and says what was done. */
export async function openSessionWindows<O extends OptionSpecs>(
  { deps, globals, reporter }: RunContext<O>,
  { session, windows, attach, data }: WindowsToOpen,
): Promise<CommandResult> {
  const [project, sessions, pool] = await Promise.all([deps.project(), deps.sessions(), deps.tasks()]);
  const needs: WindowNeeds = {
    project,
    onHost: await findOnHost(await deps.projectDeps(), windows),
    shell: deps.host.env["SHELL"] ?? "/bin/sh",
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
  if (attach) {
    reporter.close();
    await sessions.attachGroup(session);
  }
  return {
    data: { session: made.session, windows: rows, attached: attach, ...data },
    human: () => windowsText(made.session, rows, attach),
  };
}
