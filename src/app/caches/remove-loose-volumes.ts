import { errorMessage } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProjectDeps } from "../ports.js";

/** Removes volumes whose container somebody took away without them: of one agent, or of all. */
export async function removeLooseVolumes(
  { engine, project, progress }: Pick<ProjectDeps, "engine" | "project" | "progress">,
  agent?: AgentRef,
): Promise<void> {
  const loose = await engine.listLooseVolumes(project.id);
  for (const { name } of loose.filter((one) => agent === undefined || one.agentName === agent.name)) {
    // Nothing depends on it, and an engine that has lost a volume's directory cannot remove it either.
    await engine.removeVolume(name).catch((error: unknown) => {
      progress.warn(`the volume ${name} of a container that is gone stays: ${errorMessage(error)}`);
    });
  }
}
