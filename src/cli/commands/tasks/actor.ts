import { requireAgent } from "../../../app/agents/select.js";
import type { Actor } from "../../../domain/tasks/claims.js";
import { MAIN } from "../../../domain/tasks/task.js";
import { count, flag, text } from "../../command.js";
import type { Deps } from "../../deps.js";

/** Options of commands that somebody does something to a task with. */
export const ACTOR_OPTIONS = {
  agent: text("--agent <agent>", "act for this agent; without it you act for yourself, as main"),
  claim: count("--claim <number>", "only if the claim with this number still holds", 1),
};

export const FORCE = flag("--force", "even if somebody else has it");

interface Asked {
  readonly agent?: string | undefined;
  readonly claim?: number | undefined;
  readonly force?: boolean;
}

/** Who acts. @throws DevkitError E_AGENT_UNKNOWN */
export async function actorOf(deps: Deps, { agent, claim, force = false }: Asked): Promise<Actor> {
  return { agent: await nameOf(deps, agent), claim, force };
}

async function nameOf(deps: Deps, asked: string | undefined): Promise<string> {
  const tasks = await deps.tasks();
  if (asked === undefined) return tasks.self;
  if (asked === MAIN) return MAIN;
  const agents = await tasks.agents();
  return requireAgent(
    asked,
    agents.map((agent) => ({ agent })),
  ).agent.name;
}
