import type { AgentRef } from "../agents/agent.js";
import type { Project } from "../identity/project.js";
import { formatBlock, type PortBlock } from "./block.js";

/** The longest name that PostgreSQL and MySQL take between them. */
const LONGEST_DATABASE = 63;

/** Variables by which programs of several agents keep out of one another's way, on this machine and elsewhere. */
export function portEnv(
  project: Project,
  agent: AgentRef,
  block: PortBlock | undefined,
): Record<string, string> {
  const ports = block && { PORT: String(block.first), DEVKIT_PORTS: formatBlock(block) };
  return {
    ...ports,
    COMPOSE_PROJECT_NAME: `devkit-${project.id}-${agent.name}`.replaceAll(/[^a-z0-9_-]/g, "-"),
    DEVKIT_DATABASE: databaseName(project, agent),
  };
}

/** `demo_1a2b3c4d_agent_2`: two repositories of one name may use one server. */
function databaseName(project: Project, agent: AgentRef): string {
  const plain = (text: string) => text.replaceAll(/[^a-z0-9]+/g, "_");
  const hash = /-([0-9a-f]+)$/.exec(project.id)?.[1] ?? "";
  const end = `_${hash}_${plain(agent.name)}`;
  const name = plain(project.id.slice(0, -hash.length - 1)).replace(/^(?=\d)/, "db_");
  return `${name.slice(0, LONGEST_DATABASE - end.length)}${end}`;
}
