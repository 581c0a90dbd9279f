import { DevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { insideSpec, outsideSpec } from "../../domain/ports/forwarder-spec.js";
import { publishedPorts, type AgentPorts, type PublishedPort } from "../../domain/ports/published.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { findContainer } from "../agents/observe.js";
import type { PortHandlers } from "../agents/operations.js";
import type { HostPorts } from "../ports-ports.js";
import type { Host, ProjectDeps } from "../ports.js";
import { assignBlocks, type BlockOf } from "./assign-blocks.js";
import { findAgentStart, findTaken, lookAtPorts } from "./look-at-ports.js";
import { observeForwarders } from "./observe-forwarders.js";
import { withdrawPorts } from "./withdraw-ports.js";

export interface PortsRequest {
  readonly settingsOf: SettingsOf;
  readonly host: Host;
  readonly agents: readonly AgentRef[];
  readonly dryRun: boolean;
  /** The id of the egress image; in a dry run its name, as long as it is not built. */
  readonly image: () => Promise<string>;
}

/** The ports of one run of `agent up`. */
export interface PortProvision {
  readonly blockOf: BlockOf;
  portsOf(observed: ObservedAgent): Promise<AgentPorts>;
  readonly handlers: PortHandlers;
}

/** How long what forwards ports may take to listen. */
const PATIENCE_MS = 10_000;

/** Gives agents their ports, and finds out what there is of what forwards them. */
export async function provisionPorts(deps: ProjectDeps, request: PortsRequest): Promise<PortProvision> {
  const [blockOf, forwarders] = await Promise.all([assignBlocks(deps, request), observeForwarders(deps)]);
  const publishedOf = (agent: AgentRef) =>
    publishedPorts(request.settingsOf(agent).ports.publish, blockOf(agent));
  return {
    blockOf,
    async portsOf(observed) {
      const { agent } = observed;
      const imageId = await request.image();
      const published = publishedOf(agent);
      const look = { host: request.host, imageId, published, forwarder: forwarders.get(agent.name) };
      return (await lookAtPorts(deps, observed, look)).todo;
    },
    handlers: {
      "ports.publish": ({ agent }) => publish(deps, request, agent, publishedOf(agent)),
      "ports.withdraw": ({ agent }) => withdrawPorts(deps, agent),
    },
  };
}

/** Makes both halves anew: what was connected before was connected to something that is gone. */
async function publish(
  deps: ProjectDeps,
  { host, image }: PortsRequest,
  agent: AgentRef,
  published: readonly PublishedPort[],
): Promise<void> {
  const { engine, project, ports } = deps;
  const container = findContainer(project, await engine.listContainers("agent", project.id), agent);
  const start = await findAgentStart(deps, container);
  if (start === undefined) throw new Error(`${agent.name} does not run, so its ports lead nowhere`);
  const { user, version } = host;
  const input = { project, agent, user, version, published, imageId: await image() };
  await withdrawPorts(deps, agent);
  await ports.prepareForwarder(agent);
  for (const spec of [insideSpec(input, start), outsideSpec(input)]) {
    await engine.startContainer(await engine.createContainer(spec));
  }
  const states = await waitForForwarder(deps, agent);
  const taken = findTaken(states, published);
  if (taken !== undefined) throw portTaken(agent, taken);
  for (const one of published) if (await ports.isFree(one.host)) throw elsewhere(agent, one);
}

async function waitForForwarder({ ports }: ProjectDeps, agent: AgentRef): Promise<HostPorts> {
  const options = { deadlineMs: PATIENCE_MS, what: "what forwards ports" };
  return waitFor(() => ports.readForwarder(agent), options).catch((error: unknown) => {
    throw new DevkitError("E_PORTS", `what forwards the ports of ${agent.name} did not come up`, {
      hint: `try again: ${upCommand([agent])}; if it goes on: devkit doctor`,
      cause: error,
    });
  });
}

function portTaken({ name }: AgentRef, { inside, host }: PublishedPort): DevkitError {
  const port = String(host);
  return new DevkitError(
    "E_PORT_TAKEN",
    `another program has port ${port} of this machine, where ${String(inside)} of ${name} was to be`,
    {
      hint: `end it, and the port is the agent's within a second; to see what it is: ss -ltnp sport = :${port}`,
      details: { agent: name, inside, host },
    },
  );
}

/** The host's network as the engine has it: of another machine, or of a virtual or rootless one on this. */
function elsewhere({ name }: AgentRef, { host }: PublishedPort): DevkitError {
  return new DevkitError(
    "E_PORTS",
    `the engine has another network than this machine, so port ${String(host)} does not lead to ${name}`,
    { hint: "take [ports] publish out of devkit.toml, or use the engine of this machine", details: { host } },
  );
}
