import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isLive } from "../../domain/agents/observed.js";
import { CACHE_NAMES, type CacheName } from "../../domain/caches/cache-names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { observePresent } from "../agents/observe.js";
import { requireAgent } from "../agents/select.js";
import { refuseOnHost } from "../host-runtime/refuse-on-host.js";
import type { AdoptedFiles } from "../ports-caches.js";
import type { ProjectDeps } from "../ports.js";

export interface AdoptRequest {
  readonly selector: string;
  readonly tools: readonly CacheName[] | undefined;
  readonly apply: boolean;
}

export interface AdoptResult {
  readonly agent: AgentRef;
  readonly tools: readonly ({ readonly tool: CacheName } & AdoptedFiles)[];
}

/**
 * Says what an agent has on top of the base, and with `apply` makes that part of the base of all agents: those that are
 * started from then on have it. @throws DevkitError E_AGENT_BUSY while the agent runs
 */
export async function adoptCache(deps: ProjectDeps, request: AdoptRequest): Promise<AdoptResult> {
  if (!request.apply) return adopt(deps, request);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", () => adopt(deps, request));
}

async function adopt(deps: ProjectDeps, { selector, tools, apply }: AdoptRequest): Promise<AdoptResult> {
  const observed = requireAgent(selector, await observePresent(deps));
  refuseOnHost(deps.project, observed);
  const { agent, container } = observed;
  if (apply && container !== undefined && isLive(container)) {
    throw new DevkitError(
      "E_AGENT_BUSY",
      `${agent.name} runs, and can change its caches while they are adopted`,
      {
        hint: `stop it first: devkit agent down ${String(agent.index)}`,
        details: { agent: agent.name },
      },
    );
  }
  const paths = agentPaths(deps.project, agent);
  const found = [];
  for (const tool of tools ?? CACHE_NAMES) {
    const files = await deps.caches.inspectOwn(paths, tool);
    if (files.files > 0) found.push({ tool, ...files });
  }
  if (apply && found.length > 0)
    await deps.caches.adopt(
      paths,
      found.map(({ tool }) => tool),
    );
  return { agent, tools: found };
}
