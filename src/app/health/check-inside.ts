import { isDevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { shellWord } from "../../base/shell-word.js";
import { placeOf, planCaches } from "../../domain/caches/plan-caches.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { LOGIN_TOOLS, loginState } from "../../domain/logins/login.js";
import { LOGIN_KINDS } from "../../domain/logins/login-kinds.js";
import { requireRunning, type RunningAgent } from "../agents/exec.js";
import { requireAgent } from "../agents/select.js";
import { refuseOnHost } from "../host-runtime/refuse-on-host.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import { runProbes } from "../egress/run-probes.js";
import { resolveEgressImage } from "../images/egress-image.js";
import { findHolders } from "../logins/holders.js";
import { asksInside, type AskInside, type Answer } from "./ask-inside.js";
import {
  bringingUp,
  failure,
  judged,
  ok,
  warning,
  type Check,
  type Fault,
  type Look,
  type Looking,
} from "./check.js";
import { probeNames, probeProxy } from "./probe-egress.js";

/** One thing that is tried inside the agent. */
type Try = (looking: Looking, inside: Inside) => Promise<Look>;

interface Inside {
  readonly deps: SpawnDeps;
  readonly running: RunningAgent;
  readonly ask: AskInside;
}

/**
 * What one agent needs, tried where it needs it. What is written for that is taken away again, but for one commit that
 * no branch has.
 */
export function insideChecks(agent: AgentRef): readonly Check[] {
  const check = (name: string, why: string, attempt: Try): Check => ({
    ...{ name, why, isReconciled: false },
    look: async (looking) => attempt(looking, await enter(looking, agent.name)),
  });
  const running: Check = {
    ...{ name: "running", why: "all else is tried inside of it", isReconciled: false },
    look: (looking) => lookAtRunning(looking, agent),
  };
  return [
    running,
    check("uid", "files that it makes are to be yours", tryUser),
    check("git status", "its worktree and private git dir go together", tryStatus),
    check("git commit", "its work is in commits", tryCommit),
    check("git fetch", "it gets what others have pushed", tryFetch),
    check("proxy", "all it reaches goes through it", (_, { deps, running, ask }) =>
      probeProxy(deps, running, ask),
    ),
    check("dns", "names are a way out, too", (_, { deps, running, ask }) => probeNames(deps, running, ask)),
    check("egress", "what gets out besides can take your code along", tryToGetOut),
    check("home", "its programs keep their settings there", tryHome),
    check("caches", "its tools keep their downloads there", tryCaches),
    check("login", "its program works with it", tryLogins),
  ];
}

/** The agent that the user named. @throws DevkitError E_AGENT_UNKNOWN, E_ON_HOST for one that has no inside */
export async function requireTriable(looking: Looking, selector: string): Promise<AgentRef> {
  const deps = await looking.project();
  const { agents } = await looking.present();
  const observed = requireAgent(selector, agents);
  refuseOnHost(deps.project, observed);
  return observed.agent;
}

async function lookAtRunning(looking: Looking, agent: AgentRef): Promise<Look> {
  try {
    const { running } = await enter(looking, agent.name);
    return ok(running.container.statusText);
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_AGENT_NOT_RUNNING") throw error;
    return judged("", [failure(error.message, upCommand([agent]), bringingUp(agent))]);
  }
}

/** @throws DevkitError E_AGENT_UNKNOWN, E_AGENT_NOT_RUNNING, E_ON_HOST */
async function enter(looking: Looking, selector: string): Promise<Inside> {
  const deps = await looking.project();
  const running = await requireRunning(deps, selector);
  return { deps, running, ask: asksInside(deps.engine, running, looking.signal) };
}

/** The first agent that runs, for what can only be seen from inside. */
export async function enterAny(looking: Looking): Promise<Inside | undefined> {
  const { agents } = await looking.present();
  const first = agents.find(({ container }) => container?.state === "running");
  return first === undefined ? undefined : enter(looking, first.agent.name);
}

const said = ({ text, exitCode }: Answer) =>
  showText(text.trim().split("\n").at(-1) ?? "") || `it ended with ${String(exitCode)}`;

const again = ({ agent }: RunningAgent, command: string) =>
  `devkit exec ${String(agent.index)} -- ${command}`;

const tryUser: Try = async ({ host }, { running, ask }) => {
  const { exitCode, text } = await ask("id -u");
  const [own, wanted] = [showText(text.trim()), String(host.user.uid)];
  if (exitCode === 0 && own === wanted) return ok(`uid ${own}, as you`);
  const { agent } = running;
  return judged("", [
    failure(`it runs as uid ${own}, and you are ${wanted}`, upCommand([agent]), bringingUp(agent)),
  ]);
};

const tryStatus: Try = async (_, { running, ask }) => {
  const answer = await ask("git status --porcelain >/dev/null");
  if (answer.exitCode === 0) return ok("git status works");
  return judged("", [failure(`git status fails: ${said(answer)}`, again(running, "git status"))]);
};

/** A commit of what HEAD has, which no ref gets. */
const tryCommit: Try = async (_, { running, ask }) => {
  const script =
    'git rev-parse -q --verify HEAD >/dev/null || exit 0; git commit-tree "HEAD^{tree}" -p HEAD -m "devkit doctor" >/dev/null';
  const answer = await ask(script);
  if (answer.exitCode === 0) return ok("it can make commits");
  const isNameless = /tell me who you are|empty ident|unable to auto-detect email/i.test(answer.text);
  const fix = isNameless
    ? `git config --global user.name "Your Name" && git config --global user.email you@example.com && ${upCommand([running.agent])}`
    : again(running, "git fsck");
  return judged("", [failure(`it cannot make commits: ${said(answer)}`, fix)]);
};

const tryFetch: Try = async (_, { running, ask }) => {
  const answer = await ask(
    "git remote get-url origin >/dev/null 2>&1 || { echo none; exit 0; }; timeout 10 git fetch --dry-run origin",
  );
  if (answer.exitCode === 0)
    return ok(answer.text.trim() === "none" ? "there is no remote origin" : "it reaches origin");
  const index = String(running.agent.index);
  const isSsh = /permission denied \(|publickey|host key|ssh:/i.test(answer.text);
  const fix = isSsh ? `devkit ssh-test ${index}` : `devkit egress log --denied --agent ${index}`;
  return judged("", [warning(`it cannot fetch from origin: ${said(answer)}`, fix)]);
};

/** All that `egress test` tries, as long as its program is there: nothing is built for it. */
const tryToGetOut: Try = async ({ host, settings, signal }, { deps, running }) => {
  const { settings: found } = await settings();
  const needs = { engine: deps.engine, host, progress: deps.progress, signal };
  const image = await resolveEgressImage(needs, found.egress, { pull: false });
  if (image.id === undefined)
    return judged("", [
      warning("the image of egress is not built, so it was not tried", "devkit image build"),
    ]);
  const probed = await runProbes(deps, { agents: [running], settings: found, host, signal });
  const results = probed.flatMap((one) => one.results);
  const leaks = results.filter(({ verdict }) => verdict === "leaked");
  const again = `devkit egress test ${String(running.agent.index)}`;
  return judged(
    `nothing gets out; ${String(results.length)} ways were tried`,
    leaks.map(({ tried, detail, fix }) => failure(`${tried}: ${detail}`, fix ?? again)),
  );
};

const tryHome: Try = async (_, { running, ask }) => {
  const answer = await ask(writeTo('"$HOME"'));
  if (answer.exitCode === 0) return ok("it can write there");
  const { agent } = running;
  const text = `it cannot write in its home: ${said(answer)}`;
  return judged("", [failure(text, again(running, "df -h /home/agent"), bringingUp(agent))]);
};

/** A file of a name that no tool looks at, for a moment. */
function writeTo(directory: string): string {
  return `f=${directory}/.devkit-doctor-$$; : >"$f" && rm "$f"`;
}

const tryCaches: Try = async ({ settings }, { running, ask }) => {
  const { agent } = running;
  const { settingsOf } = await settings();
  const places = planCaches(settingsOf(agent).caches).uses.map(placeOf);
  const answers = await Promise.all(
    places.map(async (place) => ({ place, answer: await ask(writeTo(shellWord(place))) })),
  );
  const faults = answers.flatMap(({ place, answer }): Fault[] =>
    answer.exitCode === 0
      ? []
      : [failure(`it cannot write in ${place}: ${said(answer)}`, upCommand([agent]), bringingUp(agent))],
  );
  return judged(places.length === 0 ? "it has none" : `it can write in ${String(places.length)}`, faults);
};

const tryLogins: Try = async ({ machine }, { deps, running: { agent } }) => {
  const registry = await deps.logins.load();
  const found: string[] = [];
  const faults: Fault[] = [];
  for (const tool of LOGIN_TOOLS) {
    const holders = await findHolders(deps, LOGIN_KINDS[tool], registry);
    const login = holders.find((one) => one.agent?.name === agent.name)?.login;
    if (login === undefined) continue;
    found.push(LOGIN_KINDS[tool].title);
    if (loginState(login, machine.now()) === "over")
      faults.push(
        warning(
          `its ${LOGIN_KINDS[tool].title} login is over`,
          `devkit ${tool}-auth reseed ${String(agent.index)} --force`,
        ),
      );
  }
  return judged(found.length === 0 ? "it has none" : found.join(", "), faults);
};
