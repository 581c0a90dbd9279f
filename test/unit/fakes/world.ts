import path from "node:path";
import type { ExecStreams } from "../../../src/app/ports-engine.js";
import type { CustodyPolicy, Host, ProjectDeps } from "../../../src/app/ports.js";
import type { AgentRef } from "../../../src/domain/agents/agent.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import { loadBlocks } from "../../../src/app/ports/assign-blocks.js";
import { findSlot, observeEgress } from "../../../src/app/egress/observe-egress.js";
import {
  AGENT_DOCKERFILE,
  EGRESS_DOCKERFILE,
  BROKER_DOCKERFILE,
  brokerTag,
  egressTag,
  imageTag,
} from "../../../src/domain/images/recipe.js";
import { agentPaths } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { CACHES_DIR, IMAGE_ID, PROJECT, specOf } from "../support/things.js";
import { createFakeCaches, type FakeCaches } from "./caches.js";
import { createFakeEgress, type FakeEgress } from "./egress.js";
import { createFakeEndpoint, reloads, type FakeEndpoint } from "./endpoint.js";
import { createFakeEngine, type FakeEngine } from "./engine.js";
import { createFakeGit, type Before, type FakeGit } from "./git.js";
import { createFakePorts, type FakePorts } from "./ports.js";
import { createFakeHomes, type FakeHomes } from "./homes.js";
import { createFakeHomeCare, createFakeHomeSwaps } from "./home-care.js";
import { createFakeLogins, type FakeLogins } from "./logins.js";
import { createFakeHooks, type FakeHooks } from "./hooks.js";
import { createFakeProgress, type FakeProgress } from "./progress.js";
import { createFakeRegistries, type FakeRegistries } from "./registries.js";
import { createFakeLocks, createFakeState, type FakeLocks, type FakeState } from "./state.js";
import { createFakeEphemeral } from "./ephemeral.js";
import { createFakeRefs, createFakeTrash, type FakeTrash } from "./trash.js";

/** Everything a use-case needs, in memory, and what can be done to it from outside. */
export interface World {
  readonly deps: ProjectDeps;
  readonly host: Host;
  readonly engine: FakeEngine;
  readonly git: FakeGit;
  readonly state: FakeState;
  readonly trash: FakeTrash;
  readonly locks: FakeLocks;
  readonly egress: FakeEgress;
  readonly endpoint: FakeEndpoint;
  readonly ports: FakePorts;
  readonly caches: FakeCaches;
  readonly registries: FakeRegistries;
  readonly hooks: FakeHooks;
  readonly homes: FakeHomes;
  readonly logins: FakeLogins;
  readonly progress: FakeProgress;
  /** Called before every operation of any port; tests set it to make one fail or wait. */
  before: Before;
  /** Operations that were begun, in order: `worktree.add agent-1`. */
  readonly log: string[];
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** A commit that an agent makes inside, unseen by the host. */
  commit(agent: AgentRef, id: string): void;
  worktreeOf(agent: AgentRef): string;
}

export const HOST_USER = { uid: 1000, gid: 1000 };

export const NO_GITLINKS: CustodyPolicy = { allowsGitlinks: () => Promise.resolve(false) };

const filesOf = (dockerfile: string) => new Map([[dockerfile, "FROM x"]]);
const BASE_ID = `sha256:${"b".repeat(64)}`;
const BROKER_PROGRAM = "broker";
export const EGRESS_IMAGE_ID = `sha256:${"e".repeat(64)}`;

/** A project whose images are there, and no agent yet. */
export function createWorld(): World {
  const log: string[] = [];
  const before: Before = async (operation, subject) => {
    log.push(`${operation} ${subject.replace(/^devkit-.*-(agent-\d+)$/, "$1")}`);
    await world.before(operation, subject);
  };
  const git = createFakeGit(before);
  const egress = createFakeEgress(before);
  const ports = createFakePorts(before);
  const endpoint = createFakeEndpoint();
  const reload = reloads(egress, endpoint);
  const engine = createFakeEngine({
    before,
    reload(spec) {
      reload(spec);
      ports.start(spec);
    },
    run: (spec, _request, streams) => runBundle(state, spec, streams),
  });
  const caches = createFakeCaches(before);
  const directories = () =>
    [...git.files].filter(([, { directory }]) => directory !== "absent").map(([at]) => path.basename(at));
  const state = createFakeState(before, directories);
  const [locks, progress, registries] = [createFakeLocks(), createFakeProgress(), createFakeRegistries()];
  const [hooks, homes, logins] = [createFakeHooks(before), createFakeHomes(), createFakeLogins()];
  const { worktrees, history } = git;
  const refs = createFakeRefs(git, before);
  const trash = createFakeTrash(git, state, before);
  addImages(engine);
  const deps: ProjectDeps = {
    ...{
      project: PROJECT,
      engine,
      worktrees,
      history,
      refs,
      state,
      trash,
      locks,
      ephemeral: createFakeEphemeral(),
    },
    ...{ policy: NO_GITLINKS, egress, endpoint, ports, caches, registries, progress, hooks, homes, logins },
    gitHooks: { install: () => [], mark: () => undefined },
    ...{ homeCare: createFakeHomeCare(), homeSwaps: createFakeHomeSwaps() },
    hostGit: {
      ...{ ask: () => Promise.resolve(""), listModules: () => Promise.resolve([]) },
      ...{ putAway: () => Promise.resolve(), bringBack: () => Promise.resolve() },
    },
    programs: { has: () => Promise.resolve(true), processesIn: () => Promise.resolve([]) },
  };
  const world: World = {
    deps,
    host: createFakeHost(),
    engine,
    git,
    state,
    trash,
    locks,
    egress,
    endpoint,
    ports,
    caches,
    registries,
    hooks,
    homes,
    logins,
    progress,
    before: () => undefined,
    log,
    spec: async (agent) => {
      const slot = findSlot(await observeEgress(deps), agent);
      return specOf(agent, {}, slot, (await loadBlocks(deps))(agent));
    },
    worktreeOf: (agent) => agentPaths(PROJECT, agent).worktree,
    commit(agent, id) {
      const refs = state.gits.get(agent.name);
      if (refs?.head.kind !== "branch") throw new Error(`${agent.name} is on no branch`);
      state.gits.set(agent.name, {
        head: refs.head,
        heads: new Map([...refs.heads, [refs.head.ref, id]]),
        refused: [],
      });
    },
  };
  return world;
}

function addImages({ images }: FakeEngine): void {
  const base = { id: BASE_ID, env: ["NODE_VERSION=24.1.0"], architecture: "amd64", sizeBytes: 1 };
  const recipe = { baseId: BASE_ID, certificates: [] };
  const own = imageTag({ ...recipe, packages: [], npm: [], files: filesOf(AGENT_DOCKERFILE) });
  const egress = egressTag({ ...recipe, files: filesOf(EGRESS_DOCKERFILE) });
  images.set(DEFAULT_SETTINGS.image.base, base);
  images.set(own, { ...base, id: IMAGE_ID });
  const broker = brokerTag({ ...recipe, files: filesOf(BROKER_DOCKERFILE), program: BROKER_PROGRAM });
  images.set(broker, { ...base, id: `sha256:${"d".repeat(64)}` });
  images.set(egress, { ...base, id: EGRESS_IMAGE_ID });
}

function createFakeHost(): Host {
  return {
    user: HOST_USER,
    env: {},
    version: "0.1.0",
    dockerDir: "/docker",
    isOffline: false,
    cachesDir: CACHES_DIR,
    extraCertificates: () => Promise.resolve([]),
    imageFiles: (dockerfile) => Promise.resolve(filesOf(dockerfile)),
    features: { hashFolder: () => Promise.resolve("h"), build: () => Promise.resolve() },
    buildLocks: { hold: (_, work) => work() },
    brokerProgram: () => Promise.resolve(BROKER_PROGRAM),
    clientProgram: () => Promise.resolve("client"),
    packNpm: () => Promise.resolve(Buffer.from("tarball")),
    installNpm: () => Promise.resolve("/cache/npm-tree"),
    ownContext: ({ dockerfile, context }) =>
      Promise.resolve({
        dir: context ?? path.dirname(dockerfile),
        files: ["Dockerfile"],
        entries: new Map(),
        dockerfile: { path: "Dockerfile", text: "FROM x" },
        digest: "d1",
      }),
    isGone: () => Promise.resolve(false),
    freeBytes: () => Promise.resolve(100 * 1024 ** 3),
    diskBytes: () => Promise.resolve(1024 ** 4),
    availableMemory: () => Promise.resolve(1024 ** 4),
  };
}

/** The only command use-cases run in a container besides the user's: making a bundle, which fetching does the rest of. */
function runBundle(state: FakeState, spec: ContainerSpec, streams: ExecStreams): Promise<number> {
  for (const [ref, id] of state.gits.get(spec.hostname)?.heads ?? []) streams.stdout.write(`${ref} ${id}\n`);
  return Promise.resolve(0);
}
