import path from "node:path";
import type { ExecStreams } from "../../../src/app/ports-engine.js";
import type { CustodyPolicy, Host, ProjectDeps } from "../../../src/app/ports.js";
import type { AgentRef } from "../../../src/domain/agents/agent.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import { AGENT_DOCKERFILE, imageTag } from "../../../src/domain/images/recipe.js";
import { agentPaths } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { IMAGE_ID, PROJECT, specOf } from "../support/things.js";
import { createFakeEngine, type FakeEngine } from "./engine.js";
import { createFakeGit, type Before, type FakeGit } from "./git.js";
import { createFakeProgress, type FakeProgress } from "./progress.js";
import { createFakeLocks, createFakeState, type FakeLocks, type FakeState } from "./state.js";

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

const FILES = new Map([[AGENT_DOCKERFILE, "FROM x"]]);
const BASE_ID = `sha256:${"b".repeat(64)}`;

/** A project whose image is there, and no agent yet. */
export function createWorld(): World {
  const log: string[] = [];
  const before: Before = async (operation, subject) => {
    log.push(`${operation} ${subject.replace(/^devkit-.*-(agent-\d+)$/, "$1")}`);
    await world.before(operation, subject);
  };
  const git = createFakeGit(before);
  const engine = createFakeEngine({
    before,
    run: (spec, _request, streams) => runBundle(state, spec, streams),
  });
  const directories = () =>
    [...git.files].filter(([, { directory }]) => directory !== "absent").map(([at]) => path.basename(at));
  const state = createFakeState(before, directories);
  const [locks, progress] = [createFakeLocks(), createFakeProgress()];
  const { worktrees, history } = git;
  const refs = createFakeRefs(git, before);
  const trash = createFakeTrash(git, state, before);
  const image = { id: BASE_ID, env: ["NODE_VERSION=24.1.0"], architecture: "amd64", sizeBytes: 1 };
  engine.images.set(DEFAULT_SETTINGS.image.base, image);
  const tag = imageTag({ baseId: BASE_ID, packages: [], files: FILES, certificates: [] });
  engine.images.set(tag, { ...image, id: IMAGE_ID });
  const world: World = {
    deps: {
      ...{ project: PROJECT, engine, worktrees, history, refs, state, trash, locks },
      ...{ policy: NO_GITLINKS, progress },
    },
    host: createFakeHost(),
    engine,
    git,
    state,
    trash,
    locks,
    progress,
    before: () => undefined,
    log,
    spec: (agent) => Promise.resolve(specOf(agent)),
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

function createFakeHost(): Host {
  return {
    user: HOST_USER,
    env: {},
    version: "0.1.0",
    dockerDir: "/docker",
    extraCertificates: () => Promise.resolve([]),
    imageFiles: () => Promise.resolve(FILES),
    packNpm: () => Promise.resolve(Buffer.from("tarball")),
    isGone: () => Promise.resolve(false),
    freeBytes: () => Promise.resolve(100 * 1024 ** 3),
  };
}

/** The only command use-cases run in a container besides the user's: making a bundle, which fetching does the rest of. */
function runBundle(state: FakeState, spec: ContainerSpec, streams: ExecStreams): Promise<number> {
  for (const [ref, id] of state.gits.get(spec.hostname)?.heads ?? []) streams.stdout.write(`${ref} ${id}\n`);
  return Promise.resolve(0);
}
