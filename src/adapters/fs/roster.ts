import { readdirSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { parseAgentName, type AgentRef, type Roster } from "../../domain/agents/agent.js";
import { isAgentName } from "../../domain/agents/agent-name.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import { agentPaths, type AgentPaths, type Project } from "../../domain/identity/project.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";
import { namesIn } from "./names-in.js";

/**
 * In the state directory of an agent that was given a name: its index. It goes to the trash with that directory, and
 * comes back with it.
 */
const INDEX = "index";
const SMALL = 16;
const ON_HOST = "host\n";

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

/** Writes down which index a name has, and that an agent has no container; the first thing there is of such an agent. */
export async function enrol(project: Project, agent: AgentRef, runtime: AgentRuntime): Promise<void> {
  const isNamed = parseAgentName(agent.name) === undefined;
  if (!isNamed && runtime === "container") return;
  const paths = agentPaths(project, agent);
  await withFileErrors(`cannot make ${paths.state}`, async () => {
    await mkdir(paths.state, { recursive: true, mode: 0o700 });
    try {
      if (runtime === "host") await replaceFile(paths.runtime, ON_HOST);
      if (isNamed) await replaceFile(path.join(paths.state, INDEX), `${String(agent.index)}\n`);
    } catch (error) {
      // A disk that is full has room for a directory; nobody would know whose it is. One with something in it stays.
      await rmdir(paths.state).catch(() => undefined);
      throw error;
    }
  });
  if (isNamed) project.roster = new Map([...project.roster, [agent.name, agent.index]]);
}

/** Where an agent's program runs, as was written down when it was made. */
export function readRuntime({ runtime }: Pick<AgentPaths, "runtime">): AgentRuntime {
  return readHostileFile(runtime, SMALL) === ON_HOST ? "host" : "container";
}

/** Agents without a container. */
export function agentsOnHost(project: Project): AgentRef[] {
  return namesIn(path.join(project.stateDir, "agents"))
    .map((name) => parseAgentName(name, project.roster))
    .filter((agent) => agent !== undefined)
    .filter((agent) => readRuntime(agentPaths(project, agent)) === "host");
}

/** Whether none of the agents that have a directory has a container. Of what cannot be read nobody knows that. */
export function areAllOnHost(project: Project): boolean {
  try {
    return readdirSync(path.join(project.stateDir, "agents")).length === agentsOnHost(project).length;
  } catch (error) {
    return systemErrorCode(error) === "ENOENT";
  }
}
