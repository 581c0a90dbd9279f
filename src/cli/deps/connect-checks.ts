import path from "node:path";
import { editFile } from "../../adapters/fs/edit-file.js";
import { gitHooks } from "../../adapters/fs/git-hooks.js";
import { createFileLocks } from "../../adapters/fs/locks.js";
import { projectDir } from "../../adapters/fs/project-dir.js";
import { readInput } from "../../adapters/fs/read-input.js";
import { readRuntime } from "../../adapters/fs/roster.js";
import { findAgentWorktree } from "../../adapters/git/agent-worktree.js";
import { createGit } from "../../adapters/git/run-git.js";
import type { SpecOf } from "../../app/agents/list.js";
import { createGitChanges } from "../../app/checks/git-changes.js";
import { saveEndpointSettings } from "../../app/endpoint/save-settings.js";
import type { Changes, CheckDeps } from "../../app/ports-checks.js";
import type { ProjectDeps } from "../../app/ports.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import type { Shutdown } from "../../base/shutdown.js";
import { showText } from "../../base/show-text.js";
import type { LoadedConfig } from "../../config/load.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import { checksOf } from "../../domain/checks/check.js";
import { agentPaths, locksDir, type Project } from "../../domain/identity/project.js";
import { MAIN } from "../../domain/tasks/task.js";
import type { Reporter } from "../../output/reporter.js";
import type { GlobalOptions } from "../command.js";
import type { PoolDeps } from "./connect-tasks.js";

/** What the commands of checks get. */
export interface CheckCommandDeps extends CheckDeps {
  /** The commit that a revision names. @throws DevkitError E_NO_COMMIT */
  resolve(revision: string): Promise<string>;
  /** Changes devkit.toml, or the file of --config, and answers its path; `change` can refuse by throwing. */
  editSettings(change: (text: string, file: string) => Promise<string>): Promise<string>;
  /** Tells the git hooks of all agents, the user's own, and the endpoint, which checks there are. */
  refreshAgents(): Promise<void>;
  /** Writes devkit's git hooks for the user's own commits; answers their directory. @throws DevkitError E_WORK_IN_THE_WAY */
  installHooks(): Promise<string>;
  /** What a git hook has to say: standard input. */
  readInput(): Promise<string>;
}

export interface CheckNeeds {
  readonly config: () => Promise<LoadedConfig>;
  readonly projectDeps: () => Promise<ProjectDeps>;
  readonly spec: SpecOf;
  readonly tasks: () => Promise<PoolDeps>;
}

interface ChecksContext {
  readonly globals: Pick<GlobalOptions, "config">;
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
}

export async function connectChecks(
  { globals, reporter, shutdown }: ChecksContext,
  project: Project,
  needs: CheckNeeds,
): Promise<CheckCommandDeps> {
  const tasks = await needs.tasks();
  const { signal } = shutdown;
  const checksFor = async (agent: string) => {
    const loaded = await needs.config();
    const ref = agent === MAIN ? undefined : (await tasks.agents()).find(({ name }) => name === agent);
    return checksOf((ref === undefined ? loaded.settings : loaded.settingsOf(ref)).check.list);
  };
  return {
    checksOf: checksFor,
    changesOf: async (agent) => {
      const worktree = agent === MAIN ? project.root : findOnHost(project, agent);
      return worktree === undefined ? changesOfAgent(needs, agent) : changesOfUser(worktree);
    },
    local: (agent) => tasks.local(agent),
    now: () => new Date(),
    resolve: async (revision) => (await needs.projectDeps()).history.requireCommit(revision),
    async editSettings(change) {
      const file = path.resolve(globals.config ?? path.join(project.root, "devkit.toml"));
      await projectDir.prepare(project);
      const locks = createFileLocks({ directory: locksDir(project), progress: reporter, signal });
      await locks.hold("settings", () => editFile(file, (text) => change(text, file)));
      return file;
    },
    installHooks: async () => installForMain(project, (await checksFor(MAIN)).length > 0),
    async refreshAgents() {
      const agents = await tasks.agents();
      const contained = agents.filter((ref) => readRuntime(agentPaths(project, ref)) === "container");
      const gitDirs = contained.map((ref) => [ref.name, agentPaths(project, ref).git] as const);
      for (const [name, gitDir] of [[MAIN, project.commonDir] as const, ...gitDirs])
        markHooks(reporter, gitDir, (await checksFor(name)).length > 0);
      if (agents.length > 0) await saveEndpointSettings(await needs.projectDeps(), await needs.config());
    },
    readInput: () => readInput("-", signal),
  };
}

async function installForMain({ root, commonDir }: Project, hasChecks: boolean): Promise<string> {
  const places = await createGit(root)("config", "--show-scope", "--get-all", "core.hooksPath");
  // One of the command line is devkit's own.
  const elsewhere = places.split("\n").find((line) => line !== "" && !line.startsWith("command\t"));
  if (elsewhere !== undefined) {
    const at = showText(elsewhere.replace(/^\S+\t/, ""));
    throw new DevkitError("E_WORK_IN_THE_WAY", `core.hooksPath is ${at}: git looks for hooks there only`, {
      hint: "let the pre-commit hook there run: devkit check run; or: git config --unset core.hooksPath",
      details: { hooksPath: at },
    });
  }
  const taken = gitHooks.install(commonDir, hasChecks);
  const directory = path.join(commonDir, "hooks");
  if (taken.length === 0) return directory;
  throw new DevkitError(
    "E_WORK_IN_THE_WAY",
    `${taken.join(", ")} and what they are kept as are there already`,
    {
      hint: `put the two of a kind together: ls ${directory}/*.local`,
      details: { directory, hooks: taken },
    },
  );
}

/** An agent that put something in their place keeps nobody from having checks. */
function markHooks({ warn }: Pick<Reporter, "warn">, gitDir: string, hasChecks: boolean): void {
  try {
    gitHooks.mark(gitDir, hasChecks);
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    warn(error.message);
  }
}

/** The worktree of an agent without a container: there the user's git may work. */
function findOnHost(project: Project, name: string): string | undefined {
  const agent = parseAgentName(name, project.roster);
  if (agent === undefined || readRuntime(agentPaths(project, agent)) === "container") return undefined;
  return findAgentWorktree(project.commonDir, agent);
}

function changesOfUser(worktree: string): Changes {
  const git = createGit(worktree);
  return createGitChanges((args) => git(...args));
}

/** Its index and its commits are read where git may read what the agent wrote. */
async function changesOfAgent({ projectDeps, spec }: CheckNeeds, name: string): Promise<Changes> {
  const [{ askAgentGit }, { observePresent }, { requireAgent }, deps] = await Promise.all([
    import("../../app/checks/ask-agent-git.js"),
    import("../../app/agents/observe.js"),
    import("../../app/agents/select.js"),
    projectDeps(),
  ]);
  const observed = requireAgent(name, await observePresent(deps));
  return createGitChanges((args) => askAgentGit({ engine: deps.engine, spec }, observed, args));
}
