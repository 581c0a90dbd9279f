import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { LogOptions } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";
import { loadPolicyState, servedBy, type EgressNeeds } from "./apply-policies.js";
import { provisionEgress } from "./provision.js";
import type { ProvisionRequest } from "./provision-run.js";
import { observeEgress, type ObservedEgress } from "./observe-egress.js";

/** One egress container and whom it serves. */
export interface EgressStatus {
  readonly name: string;
  readonly id: string;
  readonly state: ContainerState;
  /** For people: `Up 2 minutes`. */
  readonly statusText: string;
  /** Whose alone it is; undefined: shared. */
  readonly owner: AgentRef | undefined;
  readonly serves: readonly AgentRef[];
}

/** The egress containers of the project. */
export async function describeStack(deps: EgressNeeds): Promise<EgressStatus[]> {
  const [observed, state] = await Promise.all([observeEgress(deps), loadPolicyState(deps)]);
  return [...observed.containers].map(([key, { name, id, state: containerState, statusText }]) => {
    const owner = parseAgentName(key, deps.project.roster);
    const serves = servedBy(observed, state, owner).map(({ agent }) => agent);
    return { name, id, state: containerState, statusText, owner, serves };
  });
}

/**
 * Makes and starts what agents share and waits until it has its policy; agents themselves are left as they are. Answers
 * why something had to be done, and undefined when nothing had.
 */
export async function startStack(
  deps: ProjectDeps,
  request: Omit<ProvisionRequest, "agents" | "dryRun">,
): Promise<string | undefined> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    const egress = await provisionEgress(deps, { ...request, agents: [], dryRun: false });
    await egress.prepare();
    const detached = egress.agents.filter((agent) => !egress.networkOf(agent).attached);
    await Promise.all(detached.map((agent) => egress.attach(agent)));
    await egress.finish();
    const [first] = detached;
    return egress.cause ?? (first === undefined ? undefined : `${first.name} was not on it`);
  });
}

/** Stops it: agents go on, and reach nothing. Answers the names of the containers that were stopped. */
export async function stopStack(deps: EgressNeeds): Promise<string[]> {
  return deps.locks.hold("egress", async () => {
    const running = containersOf(await observeEgress(deps)).filter(({ state }) => state === "running");
    await Promise.all(running.map(({ id }) => deps.engine.stopContainer(id)));
    return running.map(({ name }) => name);
  });
}

export interface StackLine {
  readonly container: string;
  /** RFC 3339, as the engine wrote it. */
  readonly time: string;
  readonly text: string;
}

/** Lines of the egress containers: what the supervisor has to say. */
export async function readStackLogs(
  deps: EgressNeeds,
  options: LogOptions,
  onLine: (line: StackLine) => void,
): Promise<void> {
  const read = async ({ id, name }: { readonly id: string; readonly name: string }) => {
    for await (const line of deps.engine.logs(id, options)) {
      const space = line.indexOf(" ");
      onLine({ container: name, time: line.slice(0, space), text: line.slice(space + 1) });
    }
  };
  const containers = containersOf(await observeEgress(deps));
  if (options.follow) await Promise.all(containers.map(read));
  else for (const one of containers) await read(one);
}

function containersOf({ containers }: ObservedEgress) {
  return [...containers.values()];
}
