import { createSessions } from "../../adapters/tmux/sessions.js";
import type { Sessions } from "../../app/ports-sessions.js";
import type { Shutdown } from "../../base/shutdown.js";
import type { Project } from "../../domain/identity/project.js";

/** The user's tmux, for a command of this process. */
export function connectSessions(project: Project, { signal }: Pick<Shutdown, "signal">): Sessions {
  const { stdin, stdout } = process;
  const hasTerminal = () => stdin.isTTY && stdout.isTTY;
  return createSessions({ project, env: process.env, signal, hasTerminal });
}
