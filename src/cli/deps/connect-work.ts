import type { SpecOf } from "../../app/agents/list.js";
import type { ActivityDeps } from "../../app/ports-activity.js";
import type { SpawnDeps } from "../../app/agents/spawn-deps.js";
import type { Machine } from "../../app/ports-health.js";
import type { Engine } from "../../app/ports-engine.js";
import type { Sessions } from "../../app/ports-sessions.js";
import type { Host, ProjectDeps } from "../../app/ports.js";
import type { RunDeps } from "../../app/runs/run-deps.js";
import { once } from "../../base/once.js";
import type { LoadedConfig } from "../../config/load.js";
import type { Project } from "../../domain/identity/project.js";
import type { DepsContext } from "../deps.js";
import type { CheckCommandDeps } from "./connect-checks.js";
import type { PoolDeps } from "./connect-tasks.js";

/** What there is to do, who does it, and where that can be watched. */
export interface WorkDeps {
  tasks(): Promise<PoolDeps>;
  checks(): Promise<CheckCommandDeps>;
  sessions(): Promise<Sessions>;
  activity(): Promise<ActivityDeps>;
  /** What makes agents with tasks and sessions, and gives them others. */
  spawning(): Promise<SpawnDeps>;
  /** What makes agents for one command each, and takes them away. */
  runs(): Promise<RunDeps>;
  /** What doctor asks the machine itself. */
  machine(): Promise<Machine>;
}

export interface WorkNeeds {
  readonly context: DepsContext;
  readonly project: () => Promise<Project>;
  readonly here: () => Promise<string | undefined>;
  readonly engine: () => Promise<Engine>;
  readonly config: () => Promise<LoadedConfig>;
  readonly connectProject: (context: DepsContext) => Promise<ProjectDeps>;
  readonly projectDeps: () => Promise<ProjectDeps>;
  readonly spec: SpecOf;
  readonly host: Host;
  readonly passedEnv: RunDeps["passedEnv"];
}

export function connectWork(needs: WorkNeeds): WorkDeps {
  const { context, project, here, engine, config, projectDeps, spec } = needs;
  const sessions = once(async () => {
    const { connectSessions } = await import("./connect-sessions.js");
    return connectSessions(await project(), context.shutdown);
  });
  const tasks = once(async () => {
    const { connectTasks } = await import("./connect-tasks.js");
    return connectTasks(context, await project(), { engine, config, sessions, self: await here() });
  });
  const checks = once(async () => {
    const { connectChecks } = await import("./connect-checks.js");
    return connectChecks(context, await project(), { config, projectDeps, spec, tasks });
  });
  const activity = once(async () => {
    const { connectActivity } = await import("./connect-activity.js");
    return connectActivity(await project(), context.shutdown);
  });
  const spawning = once(async () => {
    const { connectSpawn } = await import("./connect-spawn.js");
    const uninterrupted = await connectUninterrupted(needs);
    return connectSpawn({
      ...{ deps: await projectDeps(), pool: await tasks(), sessions: await sessions(), spec, uninterrupted },
    });
  });
  const runs = once(async () => {
    const { connectRuns } = await import("./connect-runs.js");
    return connectRuns({ spawning: await spawning(), host: needs.host, passedEnv: needs.passedEnv });
  });
  const machine = async () => (await import("../../adapters/fs/machine.js")).machine;
  return { tasks, checks, sessions, activity, spawning, runs, machine };
}

/** The same once more, for a process that is not to hear of an interrupt. */
async function connectUninterrupted({
  context,
  project,
  here,
  engine,
  config,
  connectProject,
}: WorkNeeds): Promise<SpawnDeps["uninterrupted"]> {
  const shutdown = { ...context.shutdown, signal: new AbortController().signal };
  const [{ connectTasks }, { connectSessions }] = await Promise.all([
    import("./connect-tasks.js"),
    import("./connect-sessions.js"),
  ]);
  const calm = { ...context, shutdown };
  const { locks, ports, logins } = await connectProject(calm);
  const sessions = connectSessions(await project(), shutdown);
  const poolNeeds = { engine, config, sessions: () => Promise.resolve(sessions), self: await here() };
  return { locks, ports, logins, sessions, pool: connectTasks(calm, await project(), poolNeeds) };
}
