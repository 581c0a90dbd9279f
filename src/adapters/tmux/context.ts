import type { Project } from "../../domain/identity/project.js";
import type { ListedPane } from "./read-panes.js";
import type { Tmux, TmuxOptions } from "./run-tmux.js";

export interface SessionsOptions extends TmuxOptions {
  readonly project: Project;
  /** Whether this process has a terminal to show something on. */
  readonly hasTerminal: () => boolean;
}

/** What the parts of the adapter share. */
export interface SessionsContext extends SessionsOptions {
  readonly tmux: Tmux;
  /** All panes of the project's own sessions. */
  panes(): Promise<readonly ListedPane[]>;
}
