import type { AgentRef } from "../../domain/agents/agent.js";
import type { LooseMode } from "../../domain/identity/home-modes.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { HomeContents } from "../ports-homes.js";
import type { ProjectDeps } from "../ports.js";
import { requireHome } from "./require-home.js";

/** How long one home may be looked at. */
const PATIENCE_MS = 3000;

export interface DescribedHome extends HomeContents {
  readonly agent: AgentRef;
  /** Host path. */
  readonly home: string;
  /** What others could read or change. */
  readonly loose: readonly LooseMode[];
}

/** What is in an agent's home, without anything secret of it. @throws DevkitError E_AGENT_UNKNOWN */
export async function describeHome(deps: ProjectDeps, selector: string): Promise<DescribedHome> {
  const { agent } = await requireHome(deps, selector);
  const paths = agentPaths(deps.project, agent);
  const [contents, loose] = [
    await deps.homeCare.describe(paths, performance.now() + PATIENCE_MS),
    await deps.homeCare.findLoose(paths, { fix: false }),
  ];
  return { agent, home: paths.home, loose, ...contents };
}
