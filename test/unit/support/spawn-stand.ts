import { existsSync } from "node:fs";
import { openLocalState } from "../../../src/adapters/fs/local-state.js";
import { agentPaths } from "../../../src/domain/identity/project.js";
import { parseAgentName } from "../../../src/domain/agents/agent.js";
import { createAgentJournal } from "../../../src/adapters/fs/agent-journal.js";
import { createNotices } from "../../../src/adapters/fs/notices.js";
import { loadRoster } from "../../../src/adapters/fs/roster.js";
import { createTaskStore } from "../../../src/adapters/fs/task-store.js";
import type { SpawnDeps } from "../../../src/app/agents/spawn-deps.js";
import { spawnAgents, type SpawnRequest, type SpawnResult } from "../../../src/app/agents/spawn.js";
import type { TaskDeps } from "../../../src/app/ports-tasks.js";
import { addTask } from "../../../src/app/tasks/add-task.js";
import { LABELS } from "../../../src/domain/identity/names.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import type { Task } from "../../../src/domain/tasks/task.js";
import { createFakeSessions, type FakeSessions } from "../fakes/sessions.js";
import { bringUpAgents, type Agents } from "./agents.js";
import { createRepo, type Repo } from "./repo.js";

/** A project with real git and a real pool, in which agents are spawned; engine and tmux are in memory. */
export interface SpawnStand {
  readonly repo: Repo;
  readonly agents: Agents;
  readonly sessions: FakeSessions;
  readonly deps: SpawnDeps;
  readonly request: SpawnRequest;
  add(...titles: string[]): Promise<void>;
  /** What is asked for besides one agent with a task and a session. */
  spawn(asked?: Partial<SpawnRequest>, deps?: SpawnDeps): Promise<SpawnResult>;
  task(id: string): Task | undefined;
  /** The task in an agent's own directory. */
  headOf(index: number): string | undefined;
  /** `TSK-1 agent-1` for each claim. */
  claims(): string[];
  /** Everything there is of agents: branches, worktrees, containers, sessions, directories, notes. */
  traces(): Promise<string[]>;
}

export async function createSpawnStand(): Promise<SpawnStand> {
  const repo = await createRepo();
  const agents = await bringUpAgents(repo, 0);
  const { project, progress } = agents.deps;
  const sessions = createFakeSessions();
  const pool: TaskDeps = {
    store: createTaskStore({ project, progress, signal: new AbortController().signal }),
    running: () => Promise.resolve(new Set()),
    findBranch: () => undefined,
    local(name) {
      const agent = parseAgentName(name, project.roster);
      const worktree = agent && agentPaths(project, agent).worktree;
      return worktree !== undefined && existsSync(worktree) ? openLocalState(worktree) : undefined;
    },
    host: "here",
    now: () => new Date(),
    leaseMs: () => Promise.resolve(3_600_000),
    prefix: () => Promise.resolve("TSK"),
    progress,
  };
  const deps: SpawnDeps = {
    ...{ ...agents.deps, pool, sessions, spec: agents.spec },
    journal: createAgentJournal(project),
    notices: createNotices(project),
    loadRoster: () => loadRoster(project),
    uninterrupted: { ...agents.deps, pool, sessions },
  };
  const { allowed, host, force, now, signal } = agents.upRequest;
  // Something that is on this machine, where the commands of the agents in memory run.
  const settings = { ...DEFAULT_SETTINGS, agent: { ...DEFAULT_SETTINGS.agent, command: "cat" } };
  const settingsOf = () => settings;
  const request: SpawnRequest = {
    ...{ settings, settingsOf, allowed, host, force, now, signal },
    ...{
      name: undefined,
      count: 1,
      assigns: true,
      hasSession: true,
      runtime: "container",
      program: ["devkit", "-C", repo.root],
    },
  };
  return {
    ...{ repo, agents, sessions, deps, request },
    async add(...titles) {
      for (const title of titles) await addTask(pool, { title });
    },
    spawn: (asked = {}, other = deps) => spawnAgents(other, { ...request, ...asked }),
    task: (id) => pool.store.find(id),
    headOf: (index) => pool.local(`agent-${String(index)}`)?.head(),
    claims: () =>
      [...pool.store.load().tasks.values()].flatMap(({ id, claim }) =>
        claim === undefined ? [] : [`${id} ${claim.agent}`],
      ),
    async traces() {
      const refs = await repo.git("for-each-ref", "--format=%(refname)", "refs/heads/agent", "refs/devkit");
      const worktrees =
        (await repo.git("worktree", "list", "--porcelain")).match(/^branch .*agent.*/gm) ?? [];
      const containers = [...agents.engine.containers.values()].filter(
        ({ spec }) => spec.labels[LABELS.role] === "agent",
      );
      return [
        ...refs.split("\n").filter((line) => line !== ""),
        ...worktrees,
        ...containers.map(({ spec }) => `container ${spec.hostname}`),
        ...[...sessions.running.keys()].map((name) => `session ${name}`),
        ...(await agents.deps.state.known(project)).map(({ name }) => `directory ${name}`),
        ...(await deps.journal.list()).map(({ agent }) => `note ${agent.name}`),
        ...(await agents.deps.trash.ids()).map((id) => `trash ${id}`),
      ];
    },
  };
}
