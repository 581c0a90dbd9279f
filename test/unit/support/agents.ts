import { reloads } from "../fakes/endpoint.js";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createAgentState } from "../../../src/adapters/fs/agent-state.js";
import { gitHooks } from "../../../src/adapters/fs/git-hooks.js";
import { homeCare } from "../../../src/adapters/fs/home-care.js";
import { homeFiles } from "../../../src/adapters/fs/home-files.js";
import { homeSwaps } from "../../../src/adapters/fs/home-swaps.js";
import { hookStore } from "../../../src/adapters/fs/hook-store.js";
import { createEphemeralStore } from "../../../src/adapters/fs/ephemeral-store.js";
import { createTrash } from "../../../src/adapters/fs/trash.js";
import { createRefStore } from "../../../src/adapters/git/ref-store.js";
import { createGitHistory } from "../../../src/adapters/git/history.js";
import { createGitWorktrees } from "../../../src/adapters/git/worktrees.js";
import { bringUp, type UpRequest } from "../../../src/app/agents/up.js";
import { observePresent } from "../../../src/app/agents/observe.js";
import { loadBlocks } from "../../../src/app/ports/assign-blocks.js";
import { syncAgent } from "../../../src/app/custody/sync.js";
import type { SyncOutcome } from "../../../src/app/custody/sync-outcome.js";
import type { ProjectDeps } from "../../../src/app/ports.js";
import { agentAt, type AgentRef } from "../../../src/domain/agents/agent.js";
import { containerSpec, type ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import { CONTAINER } from "../../../src/domain/identity/names.js";
import { agentPaths, projectOf } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { createFakeEgress } from "../fakes/egress.js";
import { createFakeEngine, type FakeEngine } from "../fakes/engine.js";
import { runLocally, type RunCommand } from "../fakes/local-command.js";
import { createFakeLogins } from "../fakes/logins.js";
import { createFakePorts } from "../fakes/ports.js";
import { createHostGit } from "../../../src/adapters/git/host-git.js";
import { createHostPrograms } from "../../../src/adapters/process/host-programs.js";
import { createFakeProgress } from "../fakes/progress.js";
import { createFakeLocks, type FakeLocks } from "../fakes/state.js";
import { createWorld, HOST_USER, NO_GITLINKS } from "../fakes/world.js";
import { gitIn, type Repo } from "./repo.js";
import { tempDir } from "./temp.js";
import { IMAGE_ID, slotFor } from "./things.js";

/** Agents that are real but for their containers: git, files and commits, with the engine in memory. */
export interface Agents {
  readonly deps: ProjectDeps;
  readonly engine: FakeEngine;
  readonly locks: FakeLocks;
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** What they were brought up with. */
  readonly upRequest: UpRequest;
  /** git as an agent runs it inside: in its worktree, on its own git dir. */
  git(index: number, ...args: string[]): Promise<string>;
  /** A commit of the agent's with a file of its own; answers its id. */
  commit(index: number, file: string, text?: string): Promise<string>;
  sync(index: number): Promise<SyncOutcome>;
  worktreeOf(index: number): string;
  stop(index: number): Promise<void>;
}

export async function bringUpAgents(repo: Repo, count: number): Promise<Agents> {
  const project = projectOf({ ...repo, stateHome: await tempDir() });
  const world = createWorld();
  const egress = createFakeEgress();
  const engine = createFakeEngine({ run: runInWorktree, reload: reloads(egress, world.endpoint) });
  const locks = createFakeLocks();
  for (const [name, image] of world.engine.images) engine.images.set(name, image);
  const deps: ProjectDeps = {
    project,
    engine,
    worktrees: createGitWorktrees(repo),
    history: createGitHistory(repo),
    refs: createRefStore(repo),
    state: createAgentState(),
    trash: createTrash(project),
    ephemeral: createEphemeralStore(project),
    locks,
    policy: NO_GITLINKS,
    egress,
    endpoint: world.endpoint,
    ports: createFakePorts(),
    caches: world.caches,
    registries: world.registries,
    hooks: hookStore,
    homes: homeFiles,
    gitHooks,
    homeCare,
    homeSwaps,
    logins: createFakeLogins(),
    programs: createHostPrograms(project.root, process.env),
    hostGit: createHostGit(project.commonDir),
    progress: createFakeProgress(),
  };
  const { signal } = new AbortController();
  const request = {
    count,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal,
  };
  const { outcomes } = await bringUp(deps, request);
  for (const { error } of outcomes) if (error !== undefined) throw error;
  const objectDirs = await deps.history.objectDirs();
  const findBlock = await loadBlocks(deps);
  const spec = (agent: AgentRef): Promise<ContainerSpec> =>
    Promise.resolve(
      containerSpec({
        project,
        agent,
        slot: slotFor(agent),
        ports: findBlock(agent),
        settings: DEFAULT_SETTINGS,
        imageId: IMAGE_ID,
        user: HOST_USER,
        objectDirs,
        version: "0.1.0",
      }),
    );
  const pathsOf = (index: number) => agentPaths(project, agentAt(index));
  const git = async (index: number, ...args: string[]) => {
    const { git: gitDir, worktree } = pathsOf(index);
    return gitIn(worktree, `--git-dir=${gitDir}`, `--work-tree=${worktree}`, ...args);
  };
  return {
    deps,
    engine,
    locks,
    spec,
    upRequest: request,
    git,
    async commit(index, file, text = file) {
      await writeFile(path.join(pathsOf(index).worktree, file), text);
      await git(index, "add", file);
      await git(index, "commit", "-q", "-m", file);
      return git(index, "rev-parse", "HEAD");
    },
    async sync(index) {
      const [observed, refs] = await Promise.all([observePresent(deps), deps.history.agentRefs()]);
      const one = observed.find(({ agent }) => agent.index === index);
      if (one === undefined) throw new Error(`there is no agent ${String(index)}`);
      return syncAgent({ ...deps, spec }, one, refs.get(one.agent.name) ?? new Map<string, string>());
    },
    worktreeOf: (index) => pathsOf(index).worktree,
    async stop(index) {
      const container = [...engine.containers.values()].find(
        (one) => one.spec.hostname === agentAt(index).name,
      );
      if (container !== undefined) await engine.stopContainer(container.id);
    },
  };
}

/** In a container the worktree's `.git` leads to the agent's own git dir. */
const runInWorktree: RunCommand = (spec, request, streams) => {
  const hostPath = (at: string) => spec.mounts.find(({ containerPath }) => containerPath === at)?.hostPath;
  const [gitDir, worktree] = [hostPath(CONTAINER.git), hostPath(CONTAINER.workspace)];
  const isInside = request.workdir === CONTAINER.workspace && gitDir !== undefined && worktree !== undefined;
  const env = isInside ? { GIT_DIR: gitDir, GIT_WORK_TREE: worktree } : {};
  return runLocally(spec, { ...request, env: { ...request.env, ...env } }, streams);
};

/** Makes a private git dir unreadable, as an agent can. */
export async function spoilHead(agents: Agents, index: number): Promise<void> {
  const { git } = agentPaths(agents.deps.project, agentAt(index));
  await rm(path.join(git, "HEAD"));
}
