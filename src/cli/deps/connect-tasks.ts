import { hostname } from "node:os";
import path from "node:path";
import { readHostileFile } from "../../adapters/fs/atomic-file.js";
import { openLocalState } from "../../adapters/fs/local-state.js";
import { isDirectory } from "../../adapters/fs/read-refs.js";
import { readInput } from "../../adapters/fs/read-input.js";
import { projectDir } from "../../adapters/fs/project-dir.js";
import { createTaskStore } from "../../adapters/fs/task-store.js";
import { findAgentAdmin, findAgentWorktree } from "../../adapters/git/agent-worktree.js";
import { agentsOnHost, readRuntime } from "../../adapters/fs/roster.js";
import { processesIn } from "../../adapters/process/processes-in.js";
import { findOnHost } from "../../app/host-runtime/find-on-host.js";
import type { Engine } from "../../app/ports-engine.js";
import type { LocalState } from "../../app/ports-local-state.js";
import type { Sessions } from "../../app/ports-sessions.js";
import type { TaskDeps } from "../../app/ports-tasks.js";
import { parseDuration } from "../../base/durations.js";
import { isDevkitError } from "../../base/errors.js";
import type { Shutdown } from "../../base/shutdown.js";
import type { LoadedConfig } from "../../config/load.js";
import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { parseHead } from "../../domain/custody/refs.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import { MAIN } from "../../domain/tasks/task.js";
import type { Reporter } from "../../output/reporter.js";

/** What the task commands get: nothing of it starts git or speaks to the engine before it has to. */
export interface PoolDeps extends TaskDeps {
  /** Who acts when nobody is named: `main`, or the agent that the endpoint serves. */
  readonly self: string;
  /** Agents that have a directory of their own. */
  agents(): Promise<readonly AgentRef[]>;
  /** A list to import: a file's text, or standard input's for `-`. */
  readList(file: string): Promise<string>;
  /** The topics of the settings, each with a description. */
  topics(): Promise<Readonly<Record<string, string>>>;
}

export interface PoolNeeds {
  readonly engine: () => Promise<Engine>;
  readonly config: () => Promise<LoadedConfig>;
  readonly sessions: () => Promise<Sessions>;
  /** The agent that acts when nobody is named; undefined: the user. */
  readonly self: string | undefined;
}

const HEAD_LIMIT = 1024;

export function connectTasks(
  { reporter, shutdown }: { readonly reporter: Reporter; readonly shutdown: Shutdown },
  project: Project,
  { engine, config, sessions, self = MAIN }: PoolNeeds,
): PoolDeps {
  const settings = async () => (await config()).settings.tasks;
  return {
    store: createTaskStore({ project, progress: reporter, signal: shutdown.signal }),
    running: () => findRunning(project, engine, sessions),
    findBranch: (agent) => readBranch(project, agent),
    self,
    local: (agent) => findLocalState(project, agent),
    host: hostname(),
    now: () => new Date(),
    // The settings have been checked.
    leaseMs: async () => parseDuration((await settings()).lease) ?? 0,
    prefix: async () => (await settings()).prefix,
    agents: () => projectDir.known(project),
    topics: async () => (await settings()).topics,
    readList: (file) => readInput(file, shutdown.signal),
    progress: reporter,
  };
}

async function findRunning(
  project: Project,
  engine: () => Promise<Engine>,
  sessions: () => Promise<Sessions>,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const [containers, onHost] = await Promise.all([
      engine().then((one) => one.listContainers("agent", project.id)),
      findRunningOnHost(project, sessions),
    ]);
    const running = containers.filter(({ state }) => state === "running");
    return new Set([...running.map(({ agentName }) => agentName), ...onHost]);
  } catch (error) {
    if (isDevkitError(error) && error.code !== "E_BUG") return undefined;
    throw error;
  }
}

async function findRunningOnHost(
  project: Project,
  sessions: () => Promise<Sessions>,
): Promise<ReadonlySet<string>> {
  const agents = agentsOnHost(project);
  if (agents.length === 0) return new Set();
  const worktreeOf = (agent: AgentRef) => findAgentWorktree(project.commonDir, agent);
  return findOnHost({ processesIn, worktreeOf, sessions: await sessions() }, agents);
}

function findLocalState(project: Project, name: string): LocalState | undefined {
  const agent = parseAgentName(name, project.roster);
  if (agent === undefined) return name === MAIN ? openLocalState(project.root) : undefined;
  const worktree = findAgentWorktree(project.commonDir, agent);
  return worktree !== undefined && isDirectory(worktree) ? openLocalState(worktree) : undefined;
}

/** HEAD as text: the host's git does not look into what an agent writes, and starting it would take longer than all else. */
function readBranch(project: Project, name: string): string | undefined {
  const agent = parseAgentName(name, project.roster);
  if (agent === undefined && name !== MAIN) return undefined;
  const gitDir = agent === undefined ? project.commonDir : gitDirOf(project, agent);
  const head = parseHead(readHostileFile(path.join(gitDir, "HEAD"), HEAD_LIMIT) ?? "");
  return head?.kind === "branch" ? head.ref.replace(/^refs\/heads\//, "") : undefined;
}

/** Of an agent without a container, what git keeps for its worktree. */
function gitDirOf(project: Project, agent: AgentRef): string {
  const paths = agentPaths(project, agent);
  if (readRuntime(paths) === "container") return paths.git;
  return findAgentAdmin(project.commonDir, agent)?.gitDir ?? paths.git;
}
