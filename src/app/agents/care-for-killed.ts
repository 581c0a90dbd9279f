import type { AgentRef } from "../../domain/agents/agent.js";
import type { KillCare } from "../custody/kill.js";
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

/** Ends the sessions of agents that are removed, and gives their tasks back; `endedOf` tells what it was. */
export async function careForKilled(
  deps: SpawnDeps,
): Promise<KillCare & { endedOf(agent: AgentRef): EndedWork }> {
  const { sessions, pool, notices } = deps;
  const running = new Set(
    (await sessions.list()).filter(({ state }) => state === "running").map(({ agent }) => agent),
  );
  const [ended, released] = [new Map<string, string>(), new Map<string, readonly string[]>()];
  return {
    // One command: that of its pane.
    ownCommands: ({ name }) => (running.has(name) ? 1 : 0),
    async endSession(agent) {
      const session = await endSession(deps, agent);
      if (session !== undefined) ended.set(agent.name, session);
    },
    async releaseClaims(agent) {
      released.set(agent.name, await releaseClaims(pool, agent.name));
      await notices.withdraw(agent);
    },
    endedOf: ({ name }) => ({ session: ended.get(name), tasks: released.get(name) ?? [] }),
  };
}
