import { isDevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { KillCare } from "../custody/kill.js";
import type { AgentSession } from "../ports-sessions.js";
import type { KillWork } from "../ports-spawn.js";
import { releaseClaims } from "../tasks/release-claims.js";
import { endSession } from "./end-session.js";
import type { SpawnDeps } from "./spawn-deps.js";

/** What ended with an agent. */
export interface EndedWork {
  /** The name of its session. */
  readonly session: string | undefined;
  /** Ids of the tasks that are pending again. */
  readonly tasks: readonly string[];
}

/** How long a program may take to end with its terminal. */
const PATIENCE_MS = 5000;

async function waitForEnd(deps: SpawnDeps, agent: AgentRef, session: AgentSession): Promise<void> {
  const isOver = async () => ((await countOfSession(deps, agent, session)) === 0 ? true : undefined);
  await waitFor(isOver, { deadlineMs: PATIENCE_MS, intervalMs: 20, what: "its program to end" }).catch(
    (error: unknown) => {
      // The look that comes after this one finds what is left of it.
      if (!isDevkitError(error)) throw error;
    },
  );
}

/** Ends the sessions of agents that are removed, and gives their tasks back; `endedOf` tells what it was. */
export async function careForKilled(
  deps: SpawnDeps,
): Promise<KillCare & { endedOf(agent: AgentRef): EndedWork }> {
  const { sessions, pool, notices, journal } = deps;
  const all = await sessions.list();
  const running = new Map(all.filter(({ state }) => state === "running").map((one) => [one.agent, one]));
  const noted = new Set<string>();
  const isLeft = async ({ name }: AgentRef) =>
    (await journal.left()).some(({ kind, agent }) => kind === "kill" && agent.name === name);
  const [ended, released] = [new Map<string, string>(), new Map<string, readonly string[]>()];
  const endShown = async (agent: AgentRef) => {
    // It is as good as gone by then: an interrupt must not leave its session behind.
    const session = await endSession({ ...deps, ...deps.uninterrupted }, agent);
    if (session !== undefined) ended.set(agent.name, session);
  };
  return {
    ownCommands: async (observed) => countOwn(deps, observed, running.get(observed.agent.name)),
    async begin(agent) {
      const work: KillWork = { kind: "kill", agent };
      const isFree = await journal.begin(work);
      if (!isFree && (await isLeft(agent))) await journal.update(work);
      // The note of somebody who is at work on it is theirs, and says what has to be done as well.
      else if (!isFree) return;
      noted.add(agent.name);
    },
    async end(agent) {
      if (noted.has(agent.name) || (await isLeft(agent))) await journal.end(agent);
    },
    async endProgram(agent) {
      const session = running.get(agent.name);
      if (session === undefined || (await sessions.isInside(agent.name))) return false;
      await endShown(agent);
      await waitForEnd(deps, agent, session);
      return true;
    },
    endSession: endShown,
    async releaseClaims(agent) {
      released.set(agent.name, await releaseClaims(pool, agent.name));
      await notices.withdraw(agent);
    },
    endedOf: ({ name }) => ({ session: ended.get(name), tasks: released.get(name) ?? [] }),
  };
}

async function countOwn(
  deps: SpawnDeps,
  { agent, state }: ObservedAgent,
  session: AgentSession | undefined,
): Promise<number> {
  if (session === undefined) return 0;
  // In a container one command: that of its pane.
  return state.runtime === "container" ? 1 : countOfSession(deps, agent, session);
}

/** Processes in the worktree of an agent without a container that its session's terminal leads. */
async function countOfSession(
  { programs, project }: SpawnDeps,
  agent: AgentRef,
  { pid }: AgentSession,
): Promise<number> {
  const processes = await programs.processesIn(agentPaths(project, agent).worktree);
  return processes.filter(({ leader }) => leader === pid).length;
}
