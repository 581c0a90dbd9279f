import type { StartSession } from "../../app/ports-sessions.js";
import { DevkitError } from "../../base/errors.js";
import { agentSessionNames } from "../../domain/sessions/session-names.js";
import type { SessionsContext } from "./context.js";
import { createSession } from "./create-session.js";
import { paneWords, titleCommands } from "./pane-words.js";
import { PANE_MARK, type ListedPane } from "./read-panes.js";
import type { ScriptCommand } from "./tmux-script.js";

/** Others may end a session while it is looked at; nobody does so all of the time. */
const ATTEMPTS = 3;

/** The agent's session, with its command running in it; answers its name. @throws DevkitError E_TMUX */
export async function startAgentSession(context: SessionsContext, request: StartSession): Promise<string> {
  const { project } = context;
  await context.tmux.require();
  const own = async () => (await context.panes()).filter(({ agent }) => agent === request.agent);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await own();
    const [first] = found;
    if (first !== undefined) {
      if (await revive(context, request, found)) return first.session;
      continue;
    }
    const name = await createSession(context, {
      names: agentSessionNames(project, request.agent),
      owner: { "@devkit-project": project.id, "@devkit-agent": request.agent },
      pane: request,
      marks: markAgentPane,
    });
    if (name !== undefined && (await own()).length > 0) return name;
  }
  throw new DevkitError("E_TMUX", `the session of ${request.agent} ends as soon as it is made`, {
    hint: "does tmux end when nobody looks? see: tmux show-options -s exit-unattached",
  });
}

/** Its end is kept, so that it can be told. */
function markAgentPane(target: string): ScriptCommand[] {
  return [
    ["set-option", "-p", "-t", target, PANE_MARK, "agent"],
    ["set-option", "-p", "-t", target, "remain-on-exit", "on"],
  ];
}

/** Sees to it that the agent's command runs in its session; false when that is gone meanwhile. */
async function revive(
  { tmux, env }: SessionsContext,
  request: StartSession,
  panes: readonly ListedPane[],
): Promise<boolean> {
  const own = panes.find(({ isOwn }) => isOwn);
  if (own?.dead === false) return true;
  const words = paneWords(request, env);
  if (own !== undefined) {
    // Another devkit may have been quicker: then this fails, and the next look finds it running.
    const again: ScriptCommand = ["respawn-pane", "-t", own.paneId, ...words];
    return (await tmux.run([again, ...titleCommands(own.paneId, request.title)])).ok;
  }
  // The user has closed the agent's pane and goes on in another.
  const end = `${panes[0]?.sessionId ?? ""}:{end}`;
  const made: ScriptCommand[] = [
    ["new-window", "-d", "-a", "-t", end, ...words],
    ...titleCommands(end, request.title),
    ...markAgentPane(end),
  ];
  return (await tmux.run(made)).ok;
}
