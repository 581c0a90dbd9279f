import { FRESH_MS, judgeActivity, type Activity, type ObservedPane } from "../../domain/activity/activity.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { OutOfMemory } from "../limits/find-out-of-memory.js";
import type { ActivityDeps } from "../ports-activity.js";
import type { Engine } from "../ports-engine.js";

/** An agent that has been looked at. */
export interface Looked {
  readonly observed: Pick<ObservedAgent, "agent" | "container">;
  readonly outOfMemory: OutOfMemory | undefined;
}

type Needs = ActivityDeps & { readonly engine: Pick<Engine, "findStart" | "countExecs"> };

/** What agents are at, each beside what is known of it already. */
export async function addActivity<T extends Looked>(
  deps: Needs,
  agents: readonly T[],
): Promise<(T & { readonly activity: Activity })[]> {
  // Without them much is still known.
  const panes = await deps.panes().catch(() => new Map<string, ObservedPane>());
  return Promise.all(
    agents.map(async (one) => ({
      ...one,
      activity: await findActivity(deps, one, panes.get(one.observed.agent.name)),
    })),
  );
}

/** The engine is asked only about agents that have said something, of which not all the rest is known. */
async function findActivity(
  { engine, events, ...deps }: Needs,
  { observed: { agent, container }, outOfMemory }: Looked,
  pane: ObservedPane | undefined,
): Promise<Activity> {
  const event = container?.state === "running" ? events.find(agent.name) : undefined;
  const at = deps.now();
  const isOld = event !== undefined && at.getTime() - Date.parse(event.at) > FRESH_MS;
  const asks = isOld && pane === undefined && event.state !== "idle";
  const [startedAt, execs] = await Promise.all([
    event === undefined || container === undefined ? undefined : ask(engine.findStart(container.id)),
    !asks || container === undefined ? undefined : ask(engine.countExecs(container.id)),
  ]);
  return judgeActivity({ container, startedAt, outOfMemory, pane, event, execs, now: at });
}

/** A container that is being removed meanwhile has no answers. */
function ask<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch(() => undefined);
}
