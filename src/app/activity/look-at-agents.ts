import type { Activity } from "../../domain/activity/activity.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { Pool } from "../../domain/tasks/blocking.js";
import type { Task } from "../../domain/tasks/task.js";
import { observePresent } from "../agents/observe.js";
import { findOutOfMemory } from "../limits/find-out-of-memory.js";
import type { ActivityDeps } from "../ports-activity.js";
import type { TaskDeps } from "../ports-tasks.js";
import type { ProjectDeps } from "../ports.js";
import { currentOf } from "../tasks/list-tasks.js";
import { addActivity } from "./find-activity.js";

/** What is shown of an agent while it is watched: nothing that takes long to find out. */
export interface WatchedAgent {
  readonly agent: AgentRef;
  readonly container: ContainerState | "absent";
  readonly activity: Activity;
  readonly task: Pick<Task, "id" | "status"> | undefined;
}

export type LookDeps = Pick<ProjectDeps, "project" | "engine" | "worktrees" | "state"> & {
  readonly activity: ActivityDeps;
  readonly tasks: Pick<TaskDeps, "store">;
};

/** All agents there are, in numeric order, with what each is at. `pool`: as it was loaded last. */
export async function lookAtAgents(deps: LookDeps, pool: Pool): Promise<WatchedAgent[]> {
  const present = await observePresent(deps);
  const looked = await Promise.all(
    present.map(async (observed) => ({
      observed,
      outOfMemory: await findOutOfMemory(deps.engine, observed.container),
    })),
  );
  const all = await addActivity({ ...deps.activity, engine: deps.engine }, looked);
  return all.map(({ observed: { agent, container }, activity }) => {
    const task = currentOf(pool, agent.name);
    return {
      agent,
      container: container?.state ?? "absent",
      activity,
      task: task === undefined ? undefined : { id: task.id, status: task.status },
    };
  });
}
