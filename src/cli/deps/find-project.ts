import path from "node:path";
import { loadRoster, readRuntime } from "../../adapters/fs/roster.js";
import { isDevkitError } from "../../base/errors.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import { agentPaths, projectOf, type Project } from "../../domain/identity/project.js";
import { xdg } from "../places.js";

export interface FoundProject {
  readonly project: Project;
  /** The agent without a container in whose worktree the directory is: whoever works there works as that agent. */
  readonly here: string | undefined;
}

/**
 * The project that a directory belongs to.
 * @throws DevkitError E_NOT_A_REPOSITORY, E_BARE_REPOSITORY, E_INSIDE_AGENT where an agent in a container writes
 */
export async function findProject(directory = "."): Promise<FoundProject> {
  try {
    return { project: await projectAt(path.resolve(directory)), here: undefined };
  } catch (error) {
    const found = await findAround(error);
    if (found === undefined) throw error;
    return found;
  }
}

async function projectAt(directory: string): Promise<Project> {
  const { locateProject } = await import("../../adapters/git/locate-project.js");
  const { root, commonDir } = await locateProject(directory);
  const project = projectOf({ root, commonDir, stateHome: xdg("XDG_STATE_HOME", ".local/state") });
  return { ...project, roster: loadRoster(project) };
}

/** Only the project's own state says that an agent has no container: in its worktree anybody could. */
async function findAround(error: unknown): Promise<FoundProject | undefined> {
  if (!isDevkitError(error) || error.code !== "E_INSIDE_AGENT") return undefined;
  const { agent: name, root } = error.details;
  if (typeof name !== "string" || typeof root !== "string") return undefined;
  const project = await projectAt(root).catch(() => undefined);
  const agent = project && parseAgentName(name, project.roster);
  if (project === undefined || agent === undefined) return undefined;
  return readRuntime(agentPaths(project, agent)) === "host" ? { project, here: agent.name } : undefined;
}
