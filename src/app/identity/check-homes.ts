import { countOf } from "../../base/plural.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { looseText } from "./care-for-homes.js";

export interface HomesTrouble {
  readonly found: string;
  readonly fix: string;
}

/** What others could read or change in the homes of these agents; changes nothing. Undefined: nothing. */
export async function findHomesTrouble(
  { project, homeCare }: Pick<ProjectDeps, "project" | "homeCare">,
  agents: readonly AgentRef[],
): Promise<HomesTrouble | undefined> {
  const loose = await Promise.all(
    agents.map(async (agent) => ({
      agent,
      found: await homeCare.findLoose(agentPaths(project, agent), { fix: false }),
    })),
  );
  const open = loose.filter(({ found }) => found.length > 0);
  const [first] = open;
  if (first === undefined) return undefined;
  const others = open.length > 1 ? `; ${countOf(open.length - 1, "other agent")} too` : "";
  return {
    found: `open to other users: ${first.agent.name}: ${looseText(first.found)}${others}`,
    fix: upCommand(open.map(({ agent }) => agent)),
  };
}
