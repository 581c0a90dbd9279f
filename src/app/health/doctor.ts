import { errorMessage, isDevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import { isPresent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { isAgent } from "../worktrees/observe.js";
import { observe } from "../agents/observe.js";
import { findHomesTrouble } from "../identity/check-homes.js";
import { findEgressTrouble } from "../egress/find-trouble.js";
import { findEndpointTrouble } from "../endpoint/find-trouble.js";
import { resolveImage } from "../images/agent-image.js";
import { checkLogins } from "../logins/check-logins.js";
import type { Settings } from "../../domain/settings/settings.js";
import { CONTAINER_ROLES, type Engine } from "../ports-engine.js";
import type { Host, ProjectDeps } from "../ports.js";

export type Verdict = "ok" | "warning" | "failed";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly why: string;
  /** The command that fixes it. */
  readonly fix: string | undefined;
}

export interface DoctorNeeds {
  readonly host: Host;
  /** Each throws what keeps the rest from working. */
  readonly gitVersion: () => Promise<string>;
  readonly engine: () => Promise<Engine>;
  readonly projectDeps: () => Promise<ProjectDeps>;
  readonly settings: () => Promise<Settings>;
  readonly signal: AbortSignal;
}

interface Check {
  readonly name: string;
  readonly why: string;
  readonly run: () => Promise<Omit<Finding, "check" | "why">>;
}

const OLDEST_GIT = [2, 36] as const;
const SHOWN_LEFTOVERS = 5;
const LOW_DISK_BYTES = 2 * 1024 ** 3;

/** Looks at everything agents need; a check that cannot run is a failed one, and the others still run. */
export async function examine(needs: DoctorNeeds): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks(needs)) {
    try {
      findings.push({ check: check.name, why: check.why, ...(await check.run()) });
    } catch (error) {
      const found = errorMessage(error);
      // What keeps several checks from running is told once, by the first of them.
      if (findings.some((finding) => finding.found === found)) continue;
      const fix = isDevkitError(error) ? error.hint : undefined;
      findings.push({ check: check.name, why: check.why, verdict: "failed", found, fix });
    }
  }
  return findings;
}

function checks(needs: DoctorNeeds): Check[] {
  const check = (name: string, why: string, run: (needs: DoctorNeeds) => Promise<Result>): Check => ({
    name,
    why,
    run: () => run(needs),
  });
  return [
    check("git", "worktrees and sync need it", checkGit),
    check("engine", "agents are containers", checkEngine),
    check("repository", "agents are worktrees of it", checkRepository),
    check("configuration", "a mistake in it keeps agents from coming up", checkSettings),
    check("image", "agents start from it", checkImage),
    check("identity", "commits in agents carry it", checkIdentity),
    check("disk", "worktrees and homes grow", checkDisk),
    check("agents", "what a crash left unfinished", checkAgents),
    check("homes", "keys and logins in them are nobody else's business", checkHomes),
    check("egress", "without it agents reach nothing", checkEgress),
    check("endpoint", "agents reach the task pool through it", checkEndpoint),
    check("logins", "one login in two homes logs one of them out", async ({ projectDeps }) =>
      checkLogins(await projectDeps(), new Date()),
    ),
    check("leftovers", "containers, networks and volumes of repositories that are gone", checkLeftovers),
    check("locks", "a killed devkit leaves its lock", checkLocks),
  ];
}

type Result = Omit<Finding, "check" | "why">;

const ok = (found: string): Result => ({ verdict: "ok", found, fix: undefined });

async function checkGit({ gitVersion }: DoctorNeeds): Promise<Result> {
  const version = await gitVersion();
  const fix = "sudo apt-get install git";
  if (!/^\d/.test(version)) return { verdict: "failed", found: version, fix };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1]);
  return isOld
    ? { verdict: "failed", found: `${version} is older than ${OLDEST_GIT.join(".")}`, fix }
    : ok(version);
}

async function checkEngine({ engine }: DoctorNeeds): Promise<Result> {
  const info = await (await engine()).info();
  return ok(
    `${info.name} ${info.version}, API ${info.apiVersion}, ${String(info.cpus)} cores, ${formatSize(info.memoryBytes)}`,
  );
}

async function checkRepository({ projectDeps }: DoctorNeeds): Promise<Result> {
  return ok((await projectDeps()).project.root);
}

async function checkSettings({ projectDeps, settings }: DoctorNeeds): Promise<Result> {
  const { project } = await settings();
  const commit = await (await projectDeps()).history.requireCommit(project.base);
  return ok(`no mistakes; agents start at ${commit.slice(0, 12)}`);
}

async function checkImage({ projectDeps, settings, host, signal }: DoctorNeeds): Promise<Result> {
  const { engine, progress } = await projectDeps();
  const image = await resolveImage({ engine, host, progress, signal }, (await settings()).image, {
    build: false,
  });
  return image.id === undefined
    ? { verdict: "warning", found: `${image.reference} is not built yet`, fix: "devkit image build" }
    : ok(image.reference);
}

async function checkIdentity({ projectDeps }: DoctorNeeds): Promise<Result> {
  const config = await (await projectDeps()).history.config();
  const name = config.findLast((entry) => entry.key === "user.name")?.value;
  const email = config.findLast((entry) => entry.key === "user.email")?.value;
  const fix = 'git config --global user.name "Your Name" && git config --global user.email you@example.com';
  if (name === undefined || email === undefined)
    return { verdict: "warning", found: "user.name or user.email is not set", fix };
  return ok(`${name} <${email}>`);
}

async function checkDisk({ projectDeps, host }: DoctorNeeds): Promise<Result> {
  const { project } = await projectDeps();
  const [repository, state] = await Promise.all([
    host.freeBytes(project.root),
    host.freeBytes(project.stateDir),
  ]);
  const found = `${formatSize(repository)} free for worktrees, ${formatSize(state)} for homes`;
  return Math.min(repository, state) < LOW_DISK_BYTES
    ? { verdict: "warning", found, fix: "df -h" }
    : ok(found);
}

async function checkAgents({ projectDeps }: DoctorNeeds): Promise<Result> {
  const agents = (await observe(await projectDeps())).filter(
    (one) => isPresent(one) || one.worktree.directory === "files",
  );
  const unfinished = agents.filter((one) => {
    const { worktree, state } = one;
    const isWhole = worktree.registered && worktree.linked && worktree.checkedOut;
    // A whole worktree without anything else was made without an agent: devkit worktrees init.
    return !isWhole || (isAgent(one) && state.runtime === "container" && !(state.git && state.home));
  });
  if (unfinished.length === 0) return ok(`${String(agents.length)} whole`);
  const names = unfinished.map(({ agent }) => agent.name).join(", ");
  return {
    verdict: "failed",
    found: `not whole: ${names}`,
    fix: upCommand(unfinished.map(({ agent }) => agent)),
  };
}

async function checkHomes({ projectDeps }: DoctorNeeds): Promise<Result> {
  const deps = await projectDeps();
  const known = await deps.state.known(deps.project);
  const trouble = await findHomesTrouble(deps, known);
  return trouble === undefined ? ok("closed to everybody else") : { verdict: "warning", ...trouble };
}

async function checkEgress({ projectDeps }: DoctorNeeds): Promise<Result> {
  const trouble = await findEgressTrouble(await projectDeps());
  return trouble === undefined
    ? ok("every agent has one that runs with its policy")
    : { verdict: "failed", ...trouble };
}

async function checkEndpoint({ projectDeps }: DoctorNeeds): Promise<Result> {
  const trouble = await findEndpointTrouble(await projectDeps());
  return trouble === undefined ? ok("every agent has one") : { verdict: "warning", ...trouble };
}

async function checkLeftovers({ projectDeps, host }: DoctorNeeds): Promise<Result> {
  const { engine } = await projectDeps();
  const [networks, ...all] = await Promise.all([
    engine.listNetworks(undefined),
    ...CONTAINER_ROLES.map((role) => engine.listContainers(role, undefined)),
  ]);
  const containers = await namesOfGone(host, all.flat());
  const ways = await namesOfGone(host, networks);
  const volumes = await namesOfGone(host, await engine.listLooseVolumes(undefined));
  const gone = [...new Set([...containers, ...ways, ...volumes])];
  if (gone.length === 0) return ok("none");
  const cut = (names: readonly string[]) => names.slice(0, SHOWN_LEFTOVERS);
  const more = gone.length > SHOWN_LEFTOVERS ? ` and ${String(gone.length - SHOWN_LEFTOVERS)} more` : "";
  const fixes = [
    ...(containers.length === 0 ? [] : [`docker rm -f ${cut(containers).join(" ")}`]),
    ...(volumes.length === 0 ? [] : [`docker volume rm ${cut(volumes).join(" ")}`]),
    ...(ways.length === 0 ? [] : [`docker network rm ${cut(ways).join(" ")}`]),
  ];
  return {
    verdict: "warning",
    found: `${cut(gone).join(", ")}${more}: the repository is gone`,
    fix: fixes.join(" && "),
  };
}

interface Rooted {
  readonly name: string;
  readonly root: string | undefined;
}

async function namesOfGone(host: Host, all: readonly Rooted[]): Promise<string[]> {
  const gone: string[] = [];
  for (const { name, root } of all) if (root !== undefined && (await host.isGone(root))) gone.push(name);
  return gone;
}

async function checkLocks({ projectDeps }: DoctorNeeds): Promise<Result> {
  const stale = await (await projectDeps()).locks.stale();
  return stale.length === 0
    ? ok("none held by a dead process")
    : {
        verdict: "warning",
        found: `${stale.join(", ")} of a dead process; the next command takes over`,
        fix: undefined,
      };
}
