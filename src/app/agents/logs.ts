import type { LogOptions } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";
import { observePresent } from "./observe.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { selectContained } from "../host-runtime/refuse-on-host.js";

export interface LogLine {
  readonly agent: string;
  /** RFC 3339, as the engine wrote it. */
  readonly time: string;
  readonly text: string;
}

const WATCH = ({ name }: AgentRef) => `see what its session shows: devkit agent attach ${name}`;

/**
 * Lines of the agents' main processes: one agent after the other, or as they come when following.
 * @throws DevkitError E_AGENT_UNKNOWN, E_ON_HOST
 */
export async function readAgentLogs(
  deps: ProjectDeps,
  selectors: readonly string[],
  options: LogOptions,
  onLine: (line: LogLine) => void,
): Promise<void> {
  const selected = selectContained(deps.project, selectors, await observePresent(deps), WATCH);
  const read = async ({ agent, container }: (typeof selected)[number]) => {
    if (container === undefined) {
      deps.progress.warn(`${agent.name} has no container, so there is no log`);
      return;
    }
    for await (const line of deps.engine.logs(container.id, options)) {
      const space = line.indexOf(" ");
      onLine({ agent: agent.name, time: line.slice(0, space), text: line.slice(space + 1) });
    }
  };
  if (options.follow) await Promise.all(selected.map(read));
  else for (const one of selected) await read(one);
}
