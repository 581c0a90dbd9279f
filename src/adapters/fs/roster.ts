import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseAgentName, type AgentRef, type Roster } from "../../domain/agents/agent.js";
import { isAgentName } from "../../domain/agents/agent-name.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";
import { namesIn } from "./names-in.js";

/**
 * In the state directory of an agent that was given a name: its index. It goes to the trash with that directory, and
 * comes back with it.
 */
const INDEX = "index";
const SMALL = 16;

/** The agents of a project that were given a name. */
export function loadRoster(project: Pick<Project, "stateDir">): Roster {
  const agents = path.join(project.stateDir, "agents");
  const named = namesIn(agents).flatMap((name): [string, number][] => {
    if (parseAgentName(name) !== undefined || !isAgentName(name)) return [];
    const text = readHostileFile(path.join(agents, name, INDEX), SMALL) ?? "";
    return /^[1-9]\d{0,3}\n$/.test(text) ? [[name, Number(text)]] : [];
  });
  return new Map(named);
}

/** Writes down which index a name has; the first thing there is of an agent that was given one. */
export async function enrol(project: Project, agent: AgentRef): Promise<void> {
  if (parseAgentName(agent.name) !== undefined) return;
  const { state } = agentPaths(project, agent);
  await withFileErrors(`cannot make ${state}`, async () => {
    await mkdir(state, { recursive: true, mode: 0o700 });
    await replaceFile(path.join(state, INDEX), `${String(agent.index)}\n`);
  });
  project.roster = new Map([...project.roster, [agent.name, agent.index]]);
}
