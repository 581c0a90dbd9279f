/** A tmux session that shows one agent. */
export interface AgentSession {
  /** The agent's name. */
  readonly agent: string;
  /** The session's name, for people: it need not be made of the agent's. */
  readonly name: string;
  /** How many terminals show it. */
  readonly attached: number;
  /** Ended: the agent's command is over, or its pane was closed; what it last printed may still be there. */
  readonly state: "running" | "ended";
  /** Of an ended command; undefined when a signal ended it, or nobody knows. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, such as SIGTERM. */
  readonly signal: string | undefined;
  /** The process that its command began as; undefined when there is no such pane any more. */
  readonly pid: number | undefined;
}

/** What runs in a pane. */
export interface PaneCommand {
  /** Byte for byte, by no shell. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Besides the environment of this process, all of which it gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Usually `agent · branch`. */
  readonly title: string;
}

export interface StartSession extends PaneCommand {
  readonly agent: string;
}

/** A window of a session with many. */
export interface WindowRequest extends PaneCommand {
  /** What it is known by: one there is with this key is left alone. */
  readonly key: string;
  /**
   * Which ends of its command leave the window there, to be read: every one, or only a failure of devkit itself (125),
   * which is tried again when the window is asked for again. A shell that is left takes its window along.
   */
  readonly keep: "always" | "failure";
}

export interface OpenedWindows {
  /** The session's name. */
  readonly session: string;
  /** Keys of the windows that were made, or whose command had ended and was started again. */
  readonly opened: readonly string[];
}

/**
 * The user's terminal multiplexer, tmux. Sessions are this project's by what is written in them (`@devkit-project`), never by
 * their name. All but `available` and `list` throw DevkitError E_TOOL_MISSING without a tmux that is new enough, and E_TMUX
 * where it cannot be asked: its socket is in no safe place, or it does not answer.
 */
export interface Sessions {
  /** For what has to know before it changes anything. @throws DevkitError E_TOOL_MISSING, E_TMUX */
  require(): Promise<void>;
  /** Whether there is a tmux that is new enough. */
  available(): Promise<boolean>;
  /** The project's agents' sessions; none where there is no tmux or no server of it, or it cannot be asked. */
  list(): Promise<readonly AgentSession[]>;
  /**
   * The agent's session, by its name: a new one, or the one there is, with its command started again when that has ended.
   * Safe to call side by side.
   * @throws DevkitError E_TMUX
   */
  start(request: StartSession): Promise<string>;
  /**
   * Ends the agent's session with all that runs in it; answers its name, or undefined when there was none. When this process
   * runs in it, this is the last that it does.
   */
  kill(agent: string): Promise<string | undefined>;
  /** Whether this process runs in the agent's session, and would end with it. */
  isInside(agent: string): Promise<boolean>;
  /**
   * Shows the agent's session in this terminal until the user leaves it; from inside tmux it switches, and returns at once.
   * @throws DevkitError E_SESSION_UNKNOWN, E_USAGE without a terminal
   */
  attach(agent: string): Promise<void>;
  /** Shows one line in every terminal that shows the agent's session; answers how many there are. */
  message(agent: string, text: string): Promise<number>;
  /** Names the agent's window anew, unless the user has named it; fine when there is none. */
  retitle(agent: string, title: string): Promise<void>;
  /**
   * A session with at least these windows, called `group` unless somebody else's has that name: adds those that are missing,
   * tries those again whose command could not run, and removes none. Safe to call side by side.
   * @throws DevkitError E_TMUX
   */
  open(group: string, windows: readonly WindowRequest[]): Promise<OpenedWindows>;
  /** As `attach`. */
  attachGroup(group: string): Promise<void>;
  /** Whether `attach` has where to show a session: a terminal, or a pane of tmux that this process runs in. */
  canAttach(): Promise<boolean>;
}
