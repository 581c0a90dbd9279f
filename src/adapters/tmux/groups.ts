import { createHash } from "node:crypto";
import type { OpenedWindows, WindowRequest } from "../../app/ports-sessions.js";
import { DevkitError } from "../../base/errors.js";
import { sessionNames } from "../../domain/sessions/session-names.js";
import type { SessionsContext } from "./context.js";
import { createSession } from "./create-session.js";
import { paneWords, titleCommands } from "./pane-words.js";
import { PANE_MARK, type ListedPane } from "./read-panes.js";
import { tmuxError } from "./run-tmux.js";
import { anyOf, hasOptions, type ScriptCommand } from "./tmux-script.js";

/** devkit's own exit code when it could not run a command: the window that says why stays. */
const NOT_RUN = "125";

const ATTEMPTS = 3;

/**
 * A session with at least these windows.
 * @throws DevkitError E_TOOL_MISSING, E_TMUX
 */
export async function openWindows(
  context: SessionsContext,
  group: string,
  requests: readonly [WindowRequest, ...WindowRequest[]],
): Promise<OpenedWindows> {
  await context.tmux.require();
  const prepare = (request: WindowRequest) => (request.keep === "always" ? request : staysIfNotRun(request));
  const [first, ...others] = requests;
  const windows = [prepare(first), ...others.map(prepare)] as const;
  const opened = new Set<string>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await createGroup(context, group, windows[0])) opened.add(windows[0].key);
    const session = await addWindows(context, group, windows, opened);
    if (session !== undefined)
      return { session, opened: windows.map(({ key }) => key).filter((key) => opened.has(key)) };
  }
  throw new DevkitError("E_TMUX", `the session ${group} ends as soon as it is made`, {
    hint: "does tmux end when nobody looks? see: tmux show-options -s exit-unattached",
  });
}

/** A key as an option's value: short, and nothing that a format takes for its own. */
function markOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

/** Whether it made the session, with its first window. */
async function createGroup(context: SessionsContext, group: string, first: WindowRequest): Promise<boolean> {
  const { project } = context;
  const name = await createSession(context, {
    names: sessionNames(project, group),
    owner: { "@devkit-project": project.id, "@devkit-group": group },
    pane: first,
    marks: (target) => markWindow(target, first),
  });
  return name !== undefined;
}

/** The session's name; undefined when it ended meanwhile. */
async function addWindows(
  context: SessionsContext,
  group: string,
  windows: readonly WindowRequest[],
  opened: Set<string>,
): Promise<string | undefined> {
  const { tmux, env } = context;
  const own = (await context.panes()).filter((pane) => pane.group === group);
  const [first] = own;
  if (first === undefined) return undefined;
  for (const window of windows) {
    const found = own.find((pane) => pane.isOwn && pane.key === markOf(window.key));
    const commands =
      found === undefined ? newWindow(first.sessionId, window, env) : renew(found, window, env);
    if (commands.length === 0) continue;
    const answer = await tmux.run(commands);
    if (!answer.ok) {
      if (/can't find|no server|no such/.test(answer.complaint)) return undefined;
      throw tmuxError(answer.complaint);
    }
    if (answer.output.trim() !== "") opened.add(window.key);
  }
  return first.session;
}

/** After the last window, so that it can be named as the last; prints its id unless another devkit was quicker. */
function newWindow(session: string, window: WindowRequest, env: SessionsContext["env"]): ScriptCommand[] {
  const end = `${session}:{end}`;
  const exists = anyOf("W", hasOptions({ "@devkit-window": markOf(window.key) }));
  const make: ScriptCommand[] = [
    ["new-window", "-d", "-a", "-t", end, "-P", "-F", "#{window_id}", ...paneWords(window, env)],
    ...titleCommands(end, window.title),
    ...markWindow(end, window),
  ];
  return [["if-shell", "-F", "-t", `${session}:`, exists, [["display-message", "-p", ""]], make]];
}

/** What a window that is there needs: its command again, unless its end was asked to be kept, or the title of now. */
function renew(pane: ListedPane, window: WindowRequest, env: SessionsContext["env"]): ScriptCommand[] {
  const isOurs = pane.window === pane.title;
  const title = isOurs && pane.title !== window.title ? titleCommands(pane.paneId, window.title) : [];
  if (!pane.dead || (window.keep === "always" && pane.status !== NOT_RUN)) return title;
  const again: ScriptCommand[] = [
    ["respawn-pane", "-t", pane.paneId, ...paneWords(window, env)],
    stayOpen(pane.paneId, window),
    ["display-message", "-p", "again"],
  ];
  return [["if-shell", "-F", "-t", pane.paneId, "#{pane_dead}", again], ...title];
}

function markWindow(target: string, window: WindowRequest): ScriptCommand[] {
  return [
    ["set-option", "-w", "-t", target, "@devkit-window", markOf(window.key)],
    ["set-option", "-p", "-t", target, PANE_MARK, "window"],
    stayOpen(target, window),
  ];
}

function stayOpen(target: string, { keep }: WindowRequest): ScriptCommand {
  return ["set-option", "-p", "-t", target, "remain-on-exit", keep === "always" ? "on" : "off"];
}

/**
 * Of a window that stays only for a failure: its command, and a shell around it that says so in time. A hook that closes
 * all others when their command has ended comes too late or never: tmux can miss that a child has ended (as it is built
 * for Debian it does so often, before 3.5), and without its status it keeps a pane and runs no hook.
 */
const STAY_IF_NOT_RUN = `"$@"
code=$?
[ $code -ne ${NOT_RUN} ] || tmux set-option -p -t "$TMUX_PANE" remain-on-exit on
exit $code`;

function staysIfNotRun(window: WindowRequest): WindowRequest {
  return { ...window, argv: ["/bin/sh", "-c", STAY_IF_NOT_RUN, "devkit window", ...window.argv] };
}
