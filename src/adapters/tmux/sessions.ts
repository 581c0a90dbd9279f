import type { Sessions } from "../../app/ports-sessions.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { startAgentSession } from "./agent-session.js";
import type { SessionsContext, SessionsOptions } from "./context.js";
import { openWindows } from "./groups.js";
import { titleCommands } from "./pane-words.js";
import { PANE_FORMAT, readPanes, toAgentSession, type ListedPane } from "./read-panes.js";
import { createTmux, tmuxError, type Tmux } from "./run-tmux.js";
import { hasOptions, literal, type ScriptCommand } from "./tmux-script.js";

const MESSAGE_MS = 10_000;

/** The project's sessions in the user's tmux. */
export function createSessions(options: SessionsOptions): Sessions {
  const tmux = createTmux(options);
  const look = async () => {
    const output = await tmux.ask("list-panes", "-a", "-F", PANE_FORMAT);
    const listed = output === undefined ? [] : readPanes(output);
    return listed.filter(({ project }) => project === options.project.id);
  };
  const panes = async () => {
    const listed = await look();
    if (!listed.some(isUnreaped)) return listed;
    await tmux.run([["run-shell", ":"]]);
    return look();
  };
  const context: SessionsContext = { ...options, tmux, panes };
  const find = async (agent: string) => {
    await tmux.require();
    return (await panes()).filter((pane) => pane.agent === agent);
  };
  return {
    async require() {
      await tmux.require();
      await look();
    },
    available: () => unlessUseless(() => tmux.require().then(() => true), false),
    list: () => unlessUseless(async () => byAgent(await panes()).map(toAgentSession), []),
    start: (request) => startAgentSession(context, request),
    kill: async (agent) => killSession(context, agent, (await find(agent))[0]),
    isInside: async (agent) => isOwnPane(await tmux.ownPane(), () => find(agent)),
    attach: async (agent) => {
      await attach(context, (await find(agent))[0], `${agent} has no tmux session`);
    },
    message: async (agent, text) => showMessage(tmux, (await find(agent))[0], text),
    async retitle(agent, title) {
      const own = (await find(agent)).find(({ isOwn }) => isOwn);
      if (own !== undefined && own.window === own.title && own.title !== title)
        await tmux.run(titleCommands(own.paneId, title));
    },
    async open(group, windows) {
      const [first, ...others] = windows;
      if (first === undefined) throw new Error("a session needs a window");
      return openWindows(context, group, [first, ...others]);
    },
    async attachGroup(group) {
      await tmux.require();
      const found = (await panes()).find((pane) => pane.group === group);
      await attach(context, found, `there is no session ${group} any more`);
    },
    canAttach: async () => options.hasTerminal() || (await tmux.ownPane()) !== undefined,
  };
}

/** tmux loses a SIGCHLD now and then, on a busy machine, and takes in the dead only with the next one. */
function isUnreaped({ isOwn, dead, status, signal }: ListedPane): boolean {
  return isOwn && dead && status === "" && signal === "";
}

/** Of a tmux that cannot be asked nothing is known, as of one that is not there. */
async function unlessUseless<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDevkitError(error) && (error.code === "E_TOOL_MISSING" || error.code === "E_TMUX"))
      return otherwise;
    throw error;
  }
}

function byAgent(panes: readonly ListedPane[]): [ListedPane, ...ListedPane[]][] {
  const sessions = new Map<string, [ListedPane, ...ListedPane[]]>();
  for (const pane of panes.filter(({ agent }) => agent !== "")) {
    const found = sessions.get(pane.sessionId);
    if (found === undefined) sessions.set(pane.sessionId, [pane]);
    else found.push(pane);
  }
  return [...sessions.values()];
}

/** Without a pane of its own nobody asks tmux, which need not be there. */
async function isOwnPane(
  own: string | undefined,
  find: () => Promise<readonly ListedPane[]>,
): Promise<boolean> {
  return own !== undefined && (await find()).some(({ paneId }) => paneId === own);
}

async function killSession(
  { tmux, project }: SessionsContext,
  agent: string,
  pane: ListedPane | undefined,
): Promise<string | undefined> {
  if (pane === undefined) return undefined;
  // After a restart of the server the id can be another's.
  const isOurs = hasOptions({ "@devkit-project": project.id, "@devkit-agent": agent });
  const kill: ScriptCommand[] = [["kill-session", "-t", pane.sessionId]];
  const answer = await tmux.run([["if-shell", "-F", "-t", `${pane.sessionId}:`, isOurs, kill]]);
  // With its last session a server ends, and sometimes says no more.
  if (answer.ok || /server exited|lost server/.test(answer.complaint)) return pane.session;
  if (/can't find|no server/.test(answer.complaint)) return undefined;
  throw tmuxError(answer.complaint);
}

async function attach(
  { tmux, hasTerminal }: SessionsContext,
  pane: ListedPane | undefined,
  otherwise: string,
): Promise<void> {
  if (pane === undefined) {
    throw new DevkitError("E_SESSION_UNKNOWN", otherwise, { hint: "see what there is: tmux list-sessions" });
  }
  if ((await tmux.ownPane()) !== undefined) {
    // Attached to within a session, it would be a terminal in a terminal.
    const answer = await tmux.run([["switch-client", "-t", pane.sessionId]]);
    if (!answer.ok) throw tmuxError(answer.complaint);
    return;
  }
  if (!hasTerminal()) {
    throw new DevkitError("E_USAGE", `a session can only be shown in a terminal, and this is none`, {
      hint: `in a terminal: tmux attach -t =${pane.session}`,
    });
  }
  await tmux.attach(pane.sessionId);
}

async function showMessage(tmux: Tmux, pane: ListedPane | undefined, text: string): Promise<number> {
  if (pane === undefined || pane.attached === 0) return 0;
  const clients = await tmux
    .ask("list-clients", "-t", pane.sessionId, "-F", "#{client_name}")
    .catch(() => "");
  // It is a format in which the time has a place.
  const words = literal(showText(text)).replaceAll("%", "%%");
  const shown = await Promise.all(
    (clients ?? "")
      .split("\n")
      .filter((client) => client !== "")
      .map((client) => tmux.run([["display-message", "-c", client, "-d", String(MESSAGE_MS), "--", words]])),
  );
  return shown.filter(({ ok }) => ok).length;
}
