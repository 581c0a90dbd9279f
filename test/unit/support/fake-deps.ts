import type { Progress } from "../../../src/app/ports.js";
import type { Deps } from "../../../src/cli/deps.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { createFakeActivity } from "../fakes/activity.js";
import { createFakeJournal, createFakeNotices } from "../fakes/journal.js";
import { createFakeMachine } from "../fakes/machine.js";
import { createFakeSessions } from "../fakes/sessions.js";
import { createFakeSsh } from "../fakes/ssh.js";
import { createEmptyPool } from "../fakes/tasks.js";
import type { World } from "../fakes/world.js";

const NO_EXTRAS = { mounts: [], env: {}, overlays: [] };

/** What commands get, over a project in memory; with a reporter, what goes on is told by it. */
export function createFakeDeps(world: World, progress: Progress = world.progress): Deps {
  const loaded = {
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    overlaysOf: () => [],
    origins: new Map(),
    originsOf: () => new Map(),
    layers: [],
    files: [],
    notes: [],
  };
  const [pool, sessions] = [createEmptyPool(progress), createFakeSessions()];
  const deps: Deps = {
    host: world.host,
    ssh: createFakeSsh(),
    project: () => Promise.resolve(world.deps.project),
    here: () => Promise.resolve(undefined),
    engine: () => Promise.resolve(world.engine),
    config: () => Promise.resolve(loaded),
    configRequest: () => Promise.reject(new Error("no settings files in memory")),
    configWithPositions: () => Promise.resolve(loaded),
    projectDeps: () => Promise.resolve({ ...world.deps, progress }),
    worktreeCare: () => Promise.reject(new Error("no worktree care in memory")),
    mergeDeps: () => Promise.reject(new Error("merges need a repository on disk")),
    spec: world.spec,
    wanted: world.spec,
    extras: () => Promise.resolve({ of: () => NO_EXTRAS, prepare: () => Promise.resolve() }),
    passedEnv: () => Promise.resolve({}),
    hostHooks: () =>
      Promise.resolve({
        hooks: [],
        reaches: [],
        programs: [],
        trust: {
          load: () => Promise.resolve(new Set()),
          approvedTexts: () => Promise.resolve(new Set()),
          add: () => Promise.resolve(),
          revoke: () => Promise.resolve(0),
        },
        runCommand: () => Promise.resolve(0),
      }),
    tasks: () => Promise.resolve(pool),
    sessions: () => Promise.resolve(sessions),
    spawning: () =>
      Promise.resolve({
        ...world.deps,
        ...{ progress, pool, sessions, spec: world.spec, loadRoster: () => new Map() },
        ...{ journal: createFakeJournal(), notices: createFakeNotices() },
        uninterrupted: { ...world.deps, pool, sessions },
      }),
    runs: () => Promise.reject(new Error("runs need a repository on disk")),
    machine: () => Promise.resolve(createFakeMachine()),
    checks: () => Promise.reject(new Error("checks need a repository on disk")),
    with: () => deps,
    activity: () => Promise.resolve(createFakeActivity()),
    gitVersion: () => Promise.resolve("2.39.5"),
  };
  return deps;
}
