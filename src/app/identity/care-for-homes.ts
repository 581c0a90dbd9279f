import { isDevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { formatSize } from "../../base/sizes.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { formatMode, type LooseMode } from "../../domain/identity/home-modes.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";

/** Told by name; more are counted. */
const TOLD = 5;

type Needs = Pick<ProjectDeps, "project" | "homeCare" | "progress">;

/**
 * Closes what others could read in homes, and cuts logs that have grown too large. What one agent did to its home keeps
 * no other from coming up.
 */
export async function careForHomes(deps: Needs, agents: readonly AgentRef[]): Promise<void> {
  for (const agent of agents) {
    try {
      await closeModes(deps, agent);
      await cutLogs(deps, agent);
    } catch (error) {
      if (!isDevkitError(error) || error.code === "E_BUG") throw error;
      deps.progress.warn(`${agent.name}: its home could not be looked after: ${error.message}`);
    }
  }
}

async function closeModes({ project, homeCare, progress }: Needs, agent: AgentRef): Promise<void> {
  const loose = await homeCare.findLoose(agentPaths(project, agent), { fix: true });
  const closed = loose.filter(({ trouble }) => trouble === undefined);
  if (closed.length > 0)
    progress.warn(`${agent.name}: closed to others, who could read or change it: ${looseText(closed)}`);
  const left = loose.filter(({ trouble }) => trouble !== undefined);
  const [first] = left;
  if (first !== undefined)
    progress.warn(
      `${agent.name}: others can read or change ${looseText(left)}, and that stays so: ${first.trouble ?? ""}`,
    );
}

/** Bounded, and with the agent's names made safe to print. */
export function looseText(loose: readonly LooseMode[]): string {
  const told = loose
    .slice(0, TOLD)
    .map(({ path, mode, widest }) =>
      path === "."
        ? `its home (${formatMode(mode)}, not ${formatMode(widest)})`
        : `~/${showText(path)} (${formatMode(mode)}, not ${formatMode(widest)})`,
    );
  const more = loose.length > TOLD ? [`and ${String(loose.length - TOLD)} more`] : [];
  return [...told, ...more].join(", ");
}

async function cutLogs({ project, homeCare, progress }: Needs, agent: AgentRef): Promise<void> {
  const cut = await homeCare.cutLogs(agentPaths(project, agent));
  for (const { path, bytes, kept } of cut.slice(0, TOLD))
    progress.warn(
      `${agent.name}: ~/${showText(path)} was ${formatSize(bytes)}; its last ${formatSize(kept)} are left`,
    );
}
