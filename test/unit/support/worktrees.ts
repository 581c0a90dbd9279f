import { createFakeEndpoint, reloads, type FakeEndpoint } from "../fakes/endpoint.js";
import { createRefStore } from "../../../src/adapters/git/ref-store.js";
import { createEphemeralStore } from "../../../src/adapters/fs/ephemeral-store.js";
import { createTrash } from "../../../src/adapters/fs/trash.js";
import { gitHooks } from "../../../src/adapters/fs/git-hooks.js";
import { homeCare } from "../../../src/adapters/fs/home-care.js";
import { homeFiles } from "../../../src/adapters/fs/home-files.js";
import { homeSwaps } from "../../../src/adapters/fs/home-swaps.js";
import { hookStore } from "../../../src/adapters/fs/hook-store.js";
import { createAgentState } from "../../../src/adapters/fs/agent-state.js";
import { createGitHistory } from "../../../src/adapters/git/history.js";
import { createGitWorktreeCare } from "../../../src/adapters/git/worktree-care.js";
import { createGitWorktrees } from "../../../src/adapters/git/worktrees.js";
import { createHostGit } from "../../../src/adapters/git/host-git.js";
import { createHostPrograms } from "../../../src/adapters/process/host-programs.js";
import { bringUp } from "../../../src/app/agents/up.js";
import type { ProjectDeps } from "../../../src/app/ports.js";
import type { WorktreeCare } from "../../../src/app/ports-worktrees.js";
import {
  initWorktrees,
  type InitializedWorktree,
  type InitRequest,
} from "../../../src/app/worktrees/init.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { agentPaths, projectOf } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type WorktreeSettings } from "../../../src/domain/settings/settings.js";
import { createFakeEgress, type FakeEgress } from "../fakes/egress.js";
import { createFakeEngine, type FakeEngine } from "../fakes/engine.js";
import { createFakeLogins } from "../fakes/logins.js";
import { createFakePorts } from "../fakes/ports.js";
import { createFakeProgress, type FakeProgress } from "../fakes/progress.js";
import { createFakeLocks } from "../fakes/state.js";
import { createWorld } from "../fakes/world.js";
import type { Repo } from "./repo.js";
import { tempDir } from "./temp.js";

/** Worktrees of a real repository; only the engine is in memory. */
export interface Rig {
  readonly deps: ProjectDeps & { readonly care: WorktreeCare };
  readonly engine: FakeEngine;
  readonly progress: FakeProgress;
  init(count: number, change?: Partial<InitRequest>): Promise<InitializedWorktree[]>;
  up(count: number, worktrees?: Partial<WorktreeSettings>): Promise<void>;
  /** Where the agent's worktree is, as last seen. */
  at(index: number): string;
  /** The same repository as another run of devkit sees it, which knows nothing yet. */
  again(): Rig;
}

export async function createRig(repo: Repo): Promise<Rig> {
  const egress = createFakeEgress();
  const endpoint = createFakeEndpoint();
  const engine = createFakeEngine({ reload: reloads(egress, endpoint) });
  return rigOf(repo, await tempDir(), { engine, egress, endpoint });
}

interface Outside {
  readonly engine: FakeEngine;
  readonly egress: FakeEgress;
  readonly endpoint: FakeEndpoint;
}

function rigOf(repo: Repo, stateHome: string, outside: Outside): Rig {
  const { engine, egress, endpoint } = outside;
  const world = createWorld();
  for (const [name, image] of world.engine.images) engine.images.set(name, image);
  const project = projectOf({ ...repo, stateHome });
  const progress = createFakeProgress();
  const deps = {
    project,
    engine,
    worktrees: createGitWorktrees(repo),
    history: createGitHistory(repo),
    refs: createRefStore(repo),
    state: createAgentState(),
    trash: createTrash(project),
    ephemeral: createEphemeralStore(project),
    locks: createFakeLocks(),
    policy: world.deps.policy,
    egress,
    endpoint,
    ports: createFakePorts(),
    caches: world.caches,
    registries: world.registries,
    hooks: hookStore,
    homes: homeFiles,
    gitHooks,
    homeCare,
    homeSwaps,
    logins: createFakeLogins(),
    progress,
    programs: createHostPrograms(project.root, process.env),
    hostGit: createHostGit(project.commonDir),
    care: createGitWorktreeCare(repo),
  };
  const { signal } = new AbortController();
  return {
    deps,
    engine,
    progress,
    init: (count, change = {}) =>
      initWorktrees(deps, {
        ...{ count, base: "HEAD", prefix: undefined, layout: "nested", dryRun: false, force: false, signal },
        carried: () => deps.worktrees.listCarried([]),
        ...change,
      }),
    async up(count, worktrees = {}) {
      const settings = { ...DEFAULT_SETTINGS, worktrees: { ...DEFAULT_SETTINGS.worktrees, ...worktrees } };
      const flags = { force: false, dryRun: false, now: new Date(), allowed: [] };
      const { outcomes } = await bringUp(deps, {
        ...{ count, settings, settingsOf: () => settings, host: world.host, ...flags, signal },
      });
      for (const { error } of outcomes) if (error !== undefined) throw error;
    },
    at: (index) => agentPaths(project, agentAt(index)).worktree,
    again: () => rigOf(repo, stateHome, outside),
  };
}
