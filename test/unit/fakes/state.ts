import path from "node:path";
import type { AgentState, Locks } from "../../../src/app/ports.js";
import { byIndex, parseAgentName } from "../../../src/domain/agents/agent.js";
import type { AgentRefs, Agreed } from "../../../src/domain/custody/sync-plan.js";
import type { GitConfigEntry } from "../../../src/domain/custody/git-config.js";
import type { GitActivity } from "../../../src/domain/custody/git-activity.js";
import type { Before } from "./git.js";

/** Agents' directories in memory, by agent name. */
export interface FakeState extends AgentState {
  readonly homes: Set<string>;
  readonly gits: Map<string, AgentRefs | undefined>;
  readonly pending: Set<string>;
  readonly refreshed: string[];
  /** What the generated settings of homes say of who commits. */
  readonly identities: Map<string, readonly GitConfigEntry[]>;
  /** Stashes and operations of agents that have any. */
  readonly activities: Map<string, GitActivity>;
}

/** `directories`: names in the directory of the agents' worktrees. */
export function createFakeState(before: Before, directories: () => readonly string[]): FakeState {
  const [homes, pending, refreshed] = [new Set<string>(), new Set<string>(), [] as string[]];
  const gits = new Map<string, AgentRefs | undefined>();
  const synced = new Map<string, Agreed>();
  const activities = new Map<string, GitActivity>();
  const identities = new Map<string, readonly GitConfigEntry[]>();
  const nameOf = (paths: { readonly state: string }) => path.basename(paths.state);
  return {
    homes,
    gits,
    pending,
    refreshed,
    identities,
    activities,
    known: () => {
      const agents = [...new Set([...directories(), ...homes, ...gits.keys()])].map((name) =>
        parseAgentName(name),
      );
      return Promise.resolve(agents.filter((agent) => agent !== undefined).sort(byIndex));
    },
    enrol: () => Promise.resolve(),
    prepare: () => Promise.resolve(),
    writeIfMissing: () => Promise.resolve(true),
    inspect: (paths) => {
      const [home, git] = [homes.has(nameOf(paths)), gits.has(nameOf(paths))];
      return Promise.resolve({ home, git, runtime: "container" as const });
    },
    async createHome({ paths, identity }) {
      await before("home", nameOf(paths));
      identities.set(nameOf(paths), identity);
      homes.add(nameOf(paths));
    },
    async refreshHome(paths, identity) {
      await before("refresh", nameOf(paths));
      identities.set(nameOf(paths), identity);
      refreshed.push(nameOf(paths));
    },
    async createPrivateGit(paths, git) {
      await before("git", nameOf(paths));
      const ref = `refs/heads/${git.branch ?? ""}`;
      gits.set(nameOf(paths), {
        head: { kind: "branch", ref },
        heads: new Map([[ref, git.oid]]),
        refused: [],
      });
    },
    readActivity: (paths) =>
      Promise.resolve(
        activities.get(nameOf(paths)) ?? { stashes: 0, operations: [], interruptedBranch: undefined },
      ),
    listModules: () => Promise.resolve([]),
    readRefs: (paths) => Promise.resolve(gits.get(nameOf(paths))),
    listLfsObjects: () => Promise.resolve([]),
    keepLfsObject: () => Promise.resolve(true),
    readModuleRefs: () => Promise.resolve(undefined),
    isSyncPending: (paths) => Promise.resolve(pending.has(nameOf(paths))),
    setSyncPending(paths, isPending) {
      if (isPending) pending.add(nameOf(paths));
      else pending.delete(nameOf(paths));
      return Promise.resolve();
    },
    lastSynced: (paths) => Promise.resolve(synced.get(nameOf(paths)) ?? new Map()),
    setLastSynced(paths, refs) {
      synced.set(nameOf(paths), refs);
      return Promise.resolve();
    },
  };
}

export interface FakeLocks extends Locks {
  /** Locks in the order they were taken. */
  readonly taken: string[];
  readonly held: Set<string>;
}

/** Locks that nobody else wants; holding one twice at a time is a defect of the caller. */
export function createFakeLocks(): FakeLocks {
  const [taken, held] = [[] as string[], new Set<string>()];
  return {
    taken,
    held,
    async hold(name, work) {
      if (held.has(name)) throw new Error(`${name} would wait for itself`);
      taken.push(name);
      held.add(name);
      try {
        return await work();
      } finally {
        held.delete(name);
      }
    },
    forget: () => Promise.resolve(),
    stale: () => Promise.resolve([]),
  };
}
