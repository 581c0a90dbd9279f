import { byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { LabelledContainer, LogOptions } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";
import { loadPolicyState, servedBy, type EgressNeeds } from "./apply-policies.js";
import { provisionEgress } from "./provision.js";
import type { ProvisionRequest } from "./provision-run.js";
import { findBroker, startEndpoint } from "../endpoint/start-endpoint.js";
import { observeEgress } from "./observe-egress.js";

type StackNeeds = EgressNeeds & Pick<ProjectDeps, "endpoint">;

/** A container that agents share, and whom it serves. */
export interface StackStatus {
  readonly role: "egress" | "broker";
  readonly name: string;
  readonly id: string;
  readonly state: ContainerState;
  /** For people: `Up 2 minutes`. */
  readonly statusText: string;
  /** Whose alone it is; undefined: shared. */
  readonly owner: AgentRef | undefined;
  readonly serves: readonly AgentRef[];
}

/** The egress containers of the project, and the endpoint. */
export async function describeStack(deps: StackNeeds): Promise<StackStatus[]> {
  const { roster } = deps.project;
  const [observed, state, broker, served] = await Promise.all([
    observeEgress(deps),
    loadPolicyState(deps),
    findBroker(deps),
    deps.endpoint.known(),
  ]);
  const egress = [...observed.containers].map(([key, { name, id, state: containerState, statusText }]) => {
    const owner = parseAgentName(key, roster);
    const serves = servedBy(observed, state, owner).map(({ agent }) => agent);
    return { role: "egress" as const, name, id, state: containerState, statusText, owner, serves };
  });
  if (broker === undefined) return egress;
  const serves = served.map((name) => parseAgentName(name, roster)).filter((agent) => agent !== undefined);
  const { name, id, state: brokerState, statusText } = broker;
  return [
    ...egress,
    {
      ...{ role: "broker" as const, name, id, state: brokerState, statusText, owner: undefined },
      serves: serves.sort(byIndex),
    },
  ];
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
    const endpoint = await startEndpoint(deps, request, []);
    const egress = await provisionEgress(deps, { ...request, agents: [], dryRun: false });
    await egress.prepare();
    const detached = egress.agents.filter((agent) => !egress.networkOf(agent).attached);
    await Promise.all(detached.map((agent) => egress.attach(agent)));
    await egress.finish();
    const [first] = detached;
    const served = await endpoint.finish();
    return egress.cause ?? (first === undefined ? served : `${first.name} was not on it`);
  });
}

/** Stops it: agents go on, and reach nothing. Answers the names of the containers that were stopped. */
export async function stopStack(deps: StackNeeds): Promise<string[]> {
  return deps.locks.hold("egress", async () => {
    const running = (await findContainers(deps)).filter(({ state }) => state === "running");
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

/** Lines of these containers: what the supervisor of egress has to say, and what the endpoint refused. */
export async function readStackLogs(
  deps: StackNeeds,
  options: LogOptions,
  onLine: (line: StackLine) => void,
): Promise<void> {
  const read = async ({ id, name }: { readonly id: string; readonly name: string }) => {
    for await (const line of deps.engine.logs(id, options)) {
      const space = line.indexOf(" ");
      onLine({ container: name, time: line.slice(0, space), text: line.slice(space + 1) });
    }
  };
  const containers = await findContainers(deps);
  if (options.follow) await Promise.all(containers.map(read));
  else for (const one of containers) await read(one);
}

async function findContainers(deps: StackNeeds): Promise<LabelledContainer[]> {
  const [{ containers }, broker] = await Promise.all([observeEgress(deps), findBroker(deps)]);
  return [...containers.values(), ...(broker === undefined ? [] : [broker])];
}
