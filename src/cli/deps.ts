import { homedir } from "node:os";
import path from "node:path";
import { createHost } from "../adapters/fs/host.js";
import { createAgentState } from "../adapters/fs/agent-state.js";
import { gitHooks } from "../adapters/fs/git-hooks.js";
import { homeCare } from "../adapters/fs/home-care.js";
import { homeFiles } from "../adapters/fs/home-files.js";
import { homeSwaps } from "../adapters/fs/home-swaps.js";
import { hookStore } from "../adapters/fs/hook-store.js";
import { checkStateDir, isThere } from "../adapters/fs/project-dir.js";
import { createLoginStore } from "../adapters/fs/login-store.js";
import { createPortStore } from "../adapters/fs/port-store.js";
import { createCaches } from "../adapters/fs/caches.js";
import { createEgressStore } from "../adapters/fs/egress-store.js";
import { createEndpointStore } from "../adapters/fs/endpoint-store.js";
import { createEphemeralStore } from "../adapters/fs/ephemeral-store.js";
import { createTrash } from "../adapters/fs/trash.js";
import { createFileLocks } from "../adapters/fs/locks.js";
import { sshRecords } from "../adapters/fs/ssh-records.js";
import { createUserSsh } from "../adapters/ssh/user-ssh.js";
import { createHostPrograms } from "../adapters/process/host-programs.js";
import { runProcess } from "../adapters/process/run-process.js";
import type { HostHooks } from "../app/hooks/host-hooks.js";
import type { RunningAgent } from "../app/agents/exec.js";
import type { SpecOf } from "../app/agents/list.js";
import type { AgentExtras } from "../app/mounts/create-extras.js";
import type { Engine } from "../app/ports-engine.js";
import type { CustodyPolicy, Host, ProjectDeps } from "../app/ports.js";
import type { SshPorts } from "../app/ports-ssh.js";
import type { Registries } from "../app/ports-presets.js";
import type { MergeDeps } from "../app/ports-merging.js";
import type { WorktreeCare } from "../app/ports-worktrees.js";
import type { Shutdown } from "../base/shutdown.js";
import { once } from "../base/once.js";
import type { ConfigRequest, LoadedConfig } from "../config/load.js";
import type { AgentRef } from "../domain/agents/agent.js";
import { locksDir, type Project } from "../domain/identity/project.js";
import type { Settings } from "../domain/settings/settings.js";
import type { Reporter } from "../output/reporter.js";
import type { GlobalOptions } from "./command.js";
import { overlayPlaces, PACKAGE_DIR, xdg } from "./places.js";
import { connectMerges } from "./deps/connect-merges.js";
import { findProject } from "./deps/find-project.js";
import { connectWork, type WorkDeps } from "./deps/connect-work.js";
import { withProfiles } from "./profiles.js";
import { readConfig, requestConfig } from "./read-config.js";
import { readVersion } from "./version.js";

/** What commands get; everything is made on first use, and heavy packages are imported only then. */
export interface Deps extends WorkDeps {
  readonly host: Host;
  readonly ssh: SshPorts;
  project(): Promise<Project>;
  /** The agent without a container whose worktree the command was called in. */
  here(): Promise<string | undefined>;
  engine(): Promise<Engine>;
  config(): Promise<LoadedConfig>;
  /** What the settings are read from; for looking at overlays that are not in force. */
  configRequest(): Promise<ConfigRequest>;
  /** The same with line and column of every setting, which costs loading a second parser. */
  configWithPositions(): Promise<LoadedConfig>;
  projectDeps(): Promise<ProjectDeps>;
  worktreeCare(): Promise<WorktreeCare>;
  mergeDeps(): Promise<MergeDeps>;
  /** The container in which devkit's own git runs for an agent; needs the image to be there. */
  readonly spec: SpecOf;
  /** The container an agent should have, with what its settings add: their mounts may be refused. */
  readonly wanted: SpecOf;
  /** What settings add to the containers of these agents, checked, and that images may be built from what they name. */
  readonly extras: (agents: readonly AgentRef[]) => Promise<AgentExtras>;
  gitVersion(): Promise<string>;
  /** Those of the user's variables that commands in the agent get. */
  passedEnv(running: RunningAgent): Promise<Record<string, string>>;
  /** The same as seen from another directory, or with overlays besides, as if they had been given with `-p`. */
  with(change: ChangedGlobals): Deps;
  /** The host hooks of these settings. */
  hostHooks(config: LoadedConfig): Promise<HostHooks>;
}

export interface ChangedGlobals {
  readonly directory?: string;
  readonly overlays?: readonly string[];
  /** What interrupts it, in the place of this process's own signals. */
  readonly signal?: AbortSignal;
}

export interface DepsContext {
  readonly globals: GlobalOptions;
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
}

/** The composition root: the only place that knows adapters. */
export function createDeps(context: DepsContext): Deps {
  const host = createHost({
    dockerDir: path.join(PACKAGE_DIR, "docker"),
    cacheDir: path.join(xdg("XDG_CACHE_HOME", ".cache"), "devkit"),
    version: readVersion(),
    isOffline:
      context.globals.offline || !["", "0", "false", "no"].includes(process.env["DEVKIT_OFFLINE"] ?? ""),
    ...{ progress: context.reporter, signal: context.shutdown.signal },
  });
  const place = once(() => findProject(context.globals.directory));
  const project = async () => (await place()).project;
  const here = async () => (await place()).here;
  const engine = once(() => connectEngine(project));
  const request = once(async () => requestConfig(context.globals, (await project()).root, host.env));
  const config = once(async () => {
    const found = await project();
    return withProfiles(withLfs(await readConfig(request(), false), found), context.globals.profiles);
  });
  const policy = { allowsGitlinks: async () => (await config()).settings.custody.gitlinks === "allow" };
  const connectProject = (other: DepsContext) => connect(other, project, engine, policy, host);
  const projectDeps = once(() => connectProject(context));
  const specs = once(() => connectSpecs(context, host, projectDeps(), config()));
  const configWithPositions = once(() => readConfig(request(), true));
  const extras = async (agents: readonly AgentRef[]): Promise<AgentExtras> =>
    resolveExtras({ ...(await projectDeps()), host }, await config(), configWithPositions, agents);
  const spec: SpecOf = async (agent) => (await specs())(agent);
  const passedEnv = async (running: RunningAgent) =>
    connectPassedEnv(context, host, await project(), running);
  const needs = { context, project, here, engine, config, connectProject, projectDeps, spec };
  return {
    ...{ host, here, passedEnv },
    ssh: { user: createUserSsh(host.env), records: sshRecords },
    project,
    engine,
    config,
    configRequest: request,
    configWithPositions,
    extras,
    projectDeps,
    worktreeCare: async () => careFor(await project()),
    mergeDeps: async () => connectMerges(await projectDeps()),
    spec,
    wanted: async (agent) => (await specs())(agent, (await extras([agent])).of),
    ...connectWork({ ...needs, host, passedEnv }),
    gitVersion: once(findGitVersion),
    with: (change) => createDeps(withChange(context, change)),
    hostHooks: async (loaded) => connectHostHooks(loaded, await project(), host),
  };
}

function withChange(context: DepsContext, change: ChangedGlobals): DepsContext {
  const { globals, shutdown } = context;
  const { directory = globals.directory, overlays = [], signal = shutdown.signal } = change;
  return {
    ...context,
    globals: { ...globals, directory, overlays: [...globals.overlays, ...overlays] },
    shutdown: { ...shutdown, signal },
  };
}

/** Who has no agent in a container needs no engine. */
async function connectEngine(project: () => Promise<Project>): Promise<Engine> {
  const [{ createDockerEngine }, { tolerantEngine }, { areAllOnHost }] = await Promise.all([
    import("../adapters/docker/engine.js"),
    import("../app/agents/tolerant-engine.js"),
    import("../adapters/fs/roster.js"),
  ]);
  return tolerantEngine(createDockerEngine(), async () => areAllOnHost(await project()));
}

/** Where files are kept by git-lfs every git command that looks at one needs it, so the image has it unasked. */
function withLfs(config: LoadedConfig, { commonDir }: Project): LoadedConfig {
  if (!isThere(path.join(commonDir, "lfs", "objects"))) return config;
  const add = (settings: Settings): Settings => {
    const packages = [...new Set([...settings.image.packages, "git-lfs"])];
    return { ...settings, image: { ...settings.image, packages } };
  };
  return { ...config, settings: add(config.settings), settingsOf: (agent) => add(config.settingsOf(agent)) };
}

async function connect(
  { reporter, shutdown }: DepsContext,
  project: () => Promise<Project>,
  engine: () => Promise<Engine>,
  policy: CustodyPolicy,
  host: Host,
): Promise<ProjectDeps> {
  // The engine's package loads while git answers.
  const loading = engine();
  loading.catch(() => undefined);
  const registries = once(() => connectRegistries(host, project));
  const [worktrees, hostGit, history, refs, found] = await Promise.all([
    import("../adapters/git/worktrees.js"),
    import("../adapters/git/host-git.js"),
    import("../adapters/git/history.js"),
    import("../adapters/git/ref-store.js"),
    project(),
  ]);
  await checkStateDir(found);
  return {
    project: found,
    engine: await loading,
    worktrees: worktrees.createGitWorktrees(found),
    history: history.createGitHistory(found),
    refs: refs.createRefStore(found),
    state: createAgentState(),
    trash: createTrash(found),
    ephemeral: createEphemeralStore(found),
    locks: createFileLocks({ directory: locksDir(found), progress: reporter, signal: shutdown.signal }),
    policy,
    egress: createEgressStore(found),
    endpoint: createEndpointStore(found),
    ports: createPortStore({ project: found, progress: reporter, signal: shutdown.signal }),
    caches: createCaches(host.cachesDir),
    registries: { ask: async (preset, signal) => (await registries()).ask(preset, signal) },
    hooks: hookStore,
    gitHooks,
    homes: homeFiles,
    homeCare,
    homeSwaps,
    logins: createLoginStore({
      ...{ project: found, home: homedir(), env: host.env, stdin: () => process.stdin },
      ...{ progress: reporter, signal: shutdown.signal },
    }),
    ...{
      programs: createHostPrograms(found.root, host.env),
      hostGit: hostGit.createHostGit(found.commonDir),
    },
    progress: reporter,
  };
}

async function connectSpecs(
  { shutdown }: DepsContext,
  host: Host,
  project: Promise<ProjectDeps>,
  config: Promise<LoadedConfig>,
) {
  const [deps, { settingsOf }] = await Promise.all([project, config]);
  const { resolveSpecs } = await import("./resolve-specs.js");
  return resolveSpecs({ ...deps, host, signal: shutdown.signal }, deps, settingsOf);
}

async function connectHostHooks(config: LoadedConfig, project: Project, host: Host): Promise<HostHooks> {
  const [{ createTrustStore }, { createHostCommands }, { hostAsksOf }] = await Promise.all([
    import("../adapters/fs/trust-store.js"),
    import("../adapters/process/host-command.js"),
    import("./host-asks-of.js"),
  ]);
  return {
    ...hostAsksOf(config, overlayPlaces(project.root)),
    trust: createTrustStore(project),
    runCommand: createHostCommands(project.root, host.env),
  };
}

async function connectPassedEnv(
  { globals, reporter }: DepsContext,
  host: Host,
  project: Project,
  running: RunningAgent,
): Promise<Record<string, string>> {
  const [{ findPassedEnv }, { createTrustStore }] = await Promise.all([
    import("./passed-env.js"),
    import("../adapters/fs/trust-store.js"),
  ]);
  const { env } = host;
  const load = (overlays: readonly string[]) =>
    readConfig(requestConfig({ ...globals, overlays }, project.root, env), false);
  const trust = createTrustStore(project);
  return findPassedEnv(
    {
      root: project.root,
      env,
      load,
      trust,
      warn: (text) => {
        reporter.warn(text);
      },
    },
    running,
  );
}

async function connectRegistries(host: Host, project: () => Promise<Project>): Promise<Registries> {
  const [{ createRegistries }, { root }] = await Promise.all([
    import("../adapters/registries/registries.js"),
    project(),
  ]);
  return createRegistries({
    root,
    home: homedir(),
    env: host.env,
    aptSources: () => Promise.resolve(undefined),
  });
}

async function careFor(project: Project): Promise<WorktreeCare> {
  const { createGitWorktreeCare } = await import("../adapters/git/worktree-care.js");
  return createGitWorktreeCare(project);
}

async function resolveExtras(
  deps: ProjectDeps & { readonly host: Host },
  { settings: { image }, settingsOf, overlaysOf }: LoadedConfig,
  positions: () => Promise<LoadedConfig>,
  agents: readonly AgentRef[],
): Promise<AgentExtras> {
  const [{ createExtras }, { createMountHost }, { entryPlace }] = await Promise.all([
    import("../app/mounts/create-extras.js"),
    import("../adapters/fs/mount-host.js"),
    import("../config/entry-place.js"),
  ]);
  const placeOf = async (agent: AgentRef, mount: string) =>
    entryPlace((await positions()).originsOf(agent), "container.mounts", mount);
  const needs = { ...deps, mountHost: createMountHost(), image, settingsOf, overlaysOf, placeOf };
  return createExtras(needs, agents);
}

async function findGitVersion(): Promise<string> {
  const result = await runProcess("git", ["--version"]);
  return /\d+(\.\d+)+/.exec(result.stdout)?.[0] ?? "not installed";
}
