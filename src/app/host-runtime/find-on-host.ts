import type { AgentRef } from "../../domain/agents/agent.js";
import type { HostPrograms } from "../ports-host-runtime.js";
import type { Sessions } from "../ports-sessions.js";

interface Needs extends Pick<HostPrograms, "processesIn"> {
  readonly sessions: Pick<Sessions, "list">;
  worktreeOf(this: void, agent: AgentRef): string | undefined;
}

/** Which of these agents, none of which has a container, work: their session runs, or something does in their worktree. */
export async function findOnHost(
  { processesIn, worktreeOf, sessions }: Needs,
  agents: readonly AgentRef[],
): Promise<ReadonlySet<string>> {
  const shown = (await sessions.list()).filter(({ state }) => state === "running");
  const names = await Promise.all(
    agents.map(async (agent) => {
      if (shown.some((session) => session.agent === agent.name)) return agent.name;
      const worktree = worktreeOf(agent);
      const processes = worktree === undefined ? [] : await processesIn(worktree);
      return processes.length > 0 ? agent.name : undefined;
    }),
  );
  return new Set(names.filter((name) => name !== undefined));
}
