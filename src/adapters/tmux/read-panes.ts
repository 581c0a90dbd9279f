import { constants } from "node:os";
import type { AgentSession } from "../../app/ports-sessions.js";

/** A pane of any session, as tmux lists it. */
export interface ListedPane {
  readonly sessionId: string;
  readonly project: string;
  readonly agent: string;
  readonly group: string;
  readonly windowId: string;
  readonly key: string;
  readonly paneId: string;
  readonly pid: string;
  /** Whether devkit made it to run a command. */
  readonly isOwn: boolean;
  readonly attached: number;
  readonly dead: boolean;
  readonly status: string;
  readonly signal: string;
  readonly title: string;
  readonly session: string;
  readonly window: string;
}

/** What a pane that devkit made has as its own; a pane that the user splits off has it not. */
export const PANE_MARK = "@devkit-pane";

const FIELDS = [
  "session_id",
  "@devkit-project",
  "@devkit-agent",
  "@devkit-group",
  "window_id",
  "@devkit-window",
  "pane_id",
  "pane_pid",
  PANE_MARK,
  "session_attached",
  "pane_dead",
  "pane_dead_status",
  "pane_dead_signal",
  "@devkit-title",
  "session_name",
  "window_name",
] as const;

/** For `list-panes -a -F`. */
export const PANE_FORMAT = FIELDS.map((name) => `#{${name}}`).join("\t");

export function readPanes(output: string): ListedPane[] {
  return output.split("\n").map((line) => {
    const words = line.split("\t");
    const field = (name: (typeof FIELDS)[number]) => words[FIELDS.indexOf(name)] ?? "";
    return {
      sessionId: field("session_id"),
      project: field("@devkit-project"),
      agent: field("@devkit-agent"),
      group: field("@devkit-group"),
      windowId: field("window_id"),
      key: field("@devkit-window"),
      paneId: field("pane_id"),
      pid: field("pane_pid"),
      isOwn: field(PANE_MARK) !== "",
      attached: Number(field("session_attached")),
      dead: field("pane_dead") === "1",
      status: field("pane_dead_status"),
      signal: field("pane_dead_signal"),
      title: field("@devkit-title"),
      session: field("session_name"),
      window: field("window_name"),
    };
  });
}

/** An agent's session from its panes, of which there is at least one. */
export function toAgentSession([first, ...others]: readonly [ListedPane, ...ListedPane[]]): AgentSession {
  const own = [first, ...others].find(({ isOwn }) => isOwn);
  const isRunning = own?.dead === false;
  return {
    agent: first.agent,
    name: first.session,
    attached: first.attached,
    state: isRunning ? "running" : "ended",
    exitCode: isRunning || own === undefined || own.status === "" ? undefined : Number(own.status),
    signal: isRunning || own === undefined ? undefined : signalName(own.signal),
    pid: own === undefined || own.pid === "" ? undefined : Number(own.pid),
  };
}

/** tmux says a number or a name, as it was built. */
function signalName(text: string): string | undefined {
  if (text === "" || text === "0") return undefined;
  if (!/^\d+$/.test(text)) return text.startsWith("SIG") ? text : `SIG${text}`;
  const found = Object.entries(constants.signals).find(([, value]) => value === Number(text));
  return found?.[0] ?? `signal ${text}`;
}
