import type { AgentRef } from "../../../domain/agents/agent.js";
import type { LayoutWindow } from "../../../domain/sessions/layout.js";
import { parseAgentCount } from "../../agent-count.js";
import { count, defineCommand, text, toggle, type OptionSpecs, type RunContext } from "../../command.js";
import { decideAttach, openSessionWindows } from "./open-windows.js";
import { session, SHELLS } from "./session-option.js";

const WINDOWS = "windows: [{ index, name, title, opened }]";

export const tmuxShells = defineCommand({
  path: "tmux-shells",
  summary: "A tmux session with a shell in a window for every agent",
  description:
    "Gives every agent that runs, or those of 1..N that run, a window with a shell in it, in one tmux session that it then shows. " +
    "Sets up ssh for each of them first, as ssh-setup does; what fails there is said and holds nothing up. " +
    "Brings no agent up. Again: adds only windows that are missing",
  arguments: [{ syntax: "[n]", description: "agents 1..N; by default all that run" }],
  options: {
    session,
    cd: text("--cd <path>", "where the shells start: relative to the worktree, or a path in the container"),
    ssh: toggle("--ssh", "set up ssh first, as it does unless told --no-ssh"),
    attach: toggle(
      "--attach",
      "show the session at the end, as it does on a terminal; --no-attach: only make it",
    ),
  },
  examples: ["devkit tmux-shells", "devkit tmux-shells 3 --no-attach"],
  json: `{ session, ${WINDOWS}, attached, notRunning: [agent], ssh: [{ index, name, error: string|null }] }`,
  async run(context) {
    const { args, options } = context;
    const asked =
      args[0] === undefined ? undefined : parseAgentCount(args[0], "for example: devkit tmux-shells 3");
    const attach = await decideAttach(context, options.attach);
    const { shown, contained, notRunning } = await select(context, asked);
    const ssh = options.ssh === false ? [] : await setUpSshOf(context, contained);
    return openSessionWindows(context, {
      session: options.session ?? SHELLS,
      windows: shown.map((agent) => shellOf(agent, options.cd, undefined)),
      attach,
      data: { notRunning, ssh },
    });
  },
});

export const tmuxSync = defineCommand({
  path: "tmux-sync",
  summary: "Add the windows that a session with agents' shells lacks",
  description:
    "Gives every agent that runs, or those of 1..--count that run, a window in the session, as tmux-shells does, without setting up ssh and " +
    "without showing it. Removes no window, and leaves those alone that the user has named or moved",
  arguments: [],
  options: {
    session,
    count: count("--count <n>", "agents 1..N; by default all that run", 1),
    cd: text("--cd <path>", "where the shells start: relative to the worktree, or a path in the container"),
    namePrefix: text(
      "--name-prefix <text>",
      "call windows this and the agent's index, instead of agent and branch",
      parsePrefix,
    ),
  },
  examples: ["devkit tmux-sync", "devkit tmux-sync --session team --count 3 --name-prefix dev-"],
  json: `{ session, ${WINDOWS}, attached: false, notRunning: [agent] }`,
  async run(context) {
    const { options } = context;
    const attach = await decideAttach(context, false);
    const { shown, notRunning } = await select(context, options.count);
    return openSessionWindows(context, {
      session: options.session ?? SHELLS,
      windows: shown.map((agent) => shellOf(agent, options.cd, options.namePrefix)),
      attach,
      data: { notRunning },
    });
  },
});

function parsePrefix(raw: string): string {
  if (raw !== "" && !/\p{Cc}/u.test(raw)) return raw;
  throw new TypeError("It must be text on one line.");
}

function shellOf(agent: AgentRef, path: string | undefined, prefix: string | undefined): LayoutWindow {
  const name = prefix === undefined ? undefined : `${prefix}${String(agent.index)}`;
  return { agent, path, name, command: undefined, overlay: undefined };
}

/** The agents that get a window; those that were asked for and do not run are told. */
async function select<O extends OptionSpecs>(
  { deps, reporter }: RunContext<O>,
  asked: number | undefined,
): Promise<{
  shown: readonly AgentRef[];
  contained: readonly AgentRef[];
  notRunning: readonly string[];
}> {
  const [{ findRunningAgents }, { selectToShow }] = await Promise.all([
    import("../../../app/sessions/find-running-agents.js"),
    import("../../../app/sessions/select-to-show.js"),
  ]);
  const project = await deps.projectDeps();
  const { shown, missing } = selectToShow(await findRunningAgents(project), asked, project.project.roster);
  for (const { name } of missing)
    reporter.warn(`${name} does not run, and gets no window; bring it up: devkit agent up ${String(asked)}`);
  return {
    shown: shown.map(({ agent }) => agent),
    contained: shown.filter(({ runtime }) => runtime === "container").map(({ agent }) => agent),
    notRunning: missing.map(({ name }) => name),
  };
}

/** Best effort: whoever has no key gets a shell all the same. */
async function setUpSshOf<O extends OptionSpecs>(
  { deps, reporter }: RunContext<O>,
  agents: readonly AgentRef[],
): Promise<readonly (AgentRef & { readonly error: string | null })[]> {
  if (agents.length === 0) return [];
  const [{ setUpSsh }, { requireTrust }, { toDevkitError }] = await Promise.all([
    import("../../../app/ssh/set-up-ssh.js"),
    import("../../../app/hooks/host-hooks.js"),
    import("../../../base/errors.js"),
  ]);
  const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
  const request = {
    ...{ selectors: agents.map(({ name }) => name), host: "github.com", settingsOf: config.settingsOf },
    ...({ wish: "keep", force: false, forward: undefined } as const),
  };
  try {
    await requireTrust(await deps.hostHooks(config));
    // Every agent's own step says what became of it.
    const { outcomes } = await setUpSsh({ ...project, ssh: deps.ssh }, request);
    return outcomes.map(({ agent, error }) => ({ ...agent, error: error?.message ?? null }));
  } catch (error) {
    const { message } = toDevkitError(error);
    reporter.warn(`ssh was not set up: ${message}`);
    return agents.map((agent) => ({ ...agent, error: message }));
  }
}
