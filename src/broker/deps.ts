import path from "node:path";
import { createActivityStore } from "../adapters/fs/activity-store.js";
import { readHostileFile } from "../adapters/fs/atomic-file.js";
import { createFileLocks } from "../adapters/fs/locks.js";
import { createTaskStore } from "../adapters/fs/task-store.js";
import { createToldState } from "../app/checks/told-state.js";
import type { ActivityDeps } from "../app/ports-activity.js";
import type { LocalState } from "../app/ports-local-state.js";
import type { TaskStore } from "../app/ports-tasks.js";
import { DevkitError } from "../base/errors.js";
import { once } from "../base/once.js";
import type { Deps } from "../cli/deps.js";
import type { PoolDeps } from "../cli/deps/connect-tasks.js";
import { parseAgentName, type Roster } from "../domain/agents/agent.js";
import { parseEndpointSettings, type EndpointSettings } from "../domain/endpoint/settings-file.js";
import { locksDir, type Project } from "../domain/identity/project.js";
import type { Call } from "./call.js";
import { ownBranch } from "./own-branch.js";
import { connectOwnChecks } from "./own-checks.js";
import type { RefusalLog } from "./refusal-log.js";

/** Where the broker finds what it is given. */
export interface BrokerPlaces {
  /** Holds `refs` and `locks/tasks` of the project's `.devkit`. */
  readonly pool: string;
  /** The host's `<stateDir>/broker`. */
  readonly base: string;
}

interface OwnActivity {
  activity(): Promise<Pick<ActivityDeps, "events" | "now">>;
}

const SETTINGS_LIMIT = 1024 ** 2;

/** The dependencies of one call: nothing but the pool and what agents say of themselves, with the agent for an actor. */
export function createBrokerDeps(
  places: BrokerPlaces,
  log: RefusalLog,
  signal: AbortSignal,
): (call: Call) => Deps {
  // One for all calls: whose turn it is at a lock is settled in here first.
  const store = createTaskStore({ project: projectAt(places), progress: toProgress(log), signal });
  const activity = {
    events: createActivityStore(path.join(places.base, "activity")),
    now: () => new Date(),
  };
  return (call) => {
    const local = createToldState(call.request.files, (file, text) => {
      call.write[file] = text;
    });
    // eslint-disable-next-line @typescript-eslint/require-await -- settings that are not there are the command's failure
    const settings = once(async () => loadSettings(places.base));
    const only: Pick<Deps, "tasks" | "checks" | "project"> & OwnActivity = {
      tasks: async () => connectPool(call, { store, local }, await settings()),
      checks: async () => connectOwnChecks(call, await settings(), local),
      project: async () => projectAt(places, (await settings()).roster),
      activity: () => Promise.resolve(activity),
    };
    // Commands of the broker's table use no other; one that did would be a defect, and fails.
    return only as Deps;
  };
}

/**
 * Gives back what a broker held that was killed. Only one that comes after it in the same place can tell: to everybody
 * else it is a process of another machine, which they wait for.
 */
export async function releaseDeadLocks(
  places: BrokerPlaces,
  log: RefusalLog,
  signal: AbortSignal,
): Promise<void> {
  const directory = path.join(locksDir(projectAt(places)), "tasks");
  const locks = createFileLocks({ directory, progress: toProgress(log), signal });
  for (const name of await locks.stale()) await locks.hold(name, () => Promise.resolve());
}

function projectAt({ pool, base }: BrokerPlaces, roster: Roster = new Map()): Project {
  return {
    roster,
    ...{ id: "", name: "", root: pool, commonDir: pool, devkitDir: pool, stateDir: base },
    places: { layout: "nested", found: new Map() },
  };
}

function toProgress(log: RefusalLog) {
  return {
    warn: (text: string) => {
      log.note(undefined, "warning", text);
    },
  };
}

function loadSettings(base: string): EndpointSettings {
  const file = path.join(base, "config", "settings.json");
  const settings = parseEndpointSettings(readHostileFile(file, SETTINGS_LIMIT));
  if (settings !== undefined) return settings;
  throw new DevkitError("E_ENDPOINT", "the endpoint has no settings", {
    hint: "ask the user to run: devkit up",
  });
}

function connectPool(
  call: Call,
  { store, local }: { readonly store: TaskStore; readonly local: LocalState },
  { host, prefix, topics, leaseMs, roster }: EndpointSettings,
): PoolDeps {
  const { agent, request, progress } = call;
  return {
    store,
    self: agent,
    local: (name) => (name === agent ? local : undefined),
    topics: () => Promise.resolve(topics),
    // There is no engine here: what others have stays theirs until the host says otherwise.
    running: () => Promise.resolve(undefined),
    findBranch: (name) => (name === agent ? ownBranch(agent, request.branch) : undefined),
    host,
    now: () => new Date(),
    leaseMs: () => Promise.resolve(leaseMs),
    prefix: () => Promise.resolve(prefix),
    agents: () => Promise.resolve([parseAgentName(agent, roster)].filter((one) => one !== undefined)),
    readList: () => Promise.reject(new Error("lists are imported on the host")),
    progress,
  };
}
