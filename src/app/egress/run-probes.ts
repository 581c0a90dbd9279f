import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import { byIndex, parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { networkLabels, probeCommand } from "../../domain/egress/egress-spec.js";
import {
  formatProbes,
  hasProxyAnswered,
  judgeProbes,
  type ProbeResult,
} from "../../domain/egress/judge-probes.js";
import { planProbes } from "../../domain/egress/probes.js";
import type { Settings } from "../../domain/settings/settings.js";
import { ensureEgressImage, resolveEgressImage } from "../images/egress-image.js";
import { requireRunning, type RunningAgent } from "../agents/exec.js";
import { findContainer } from "../agents/observe.js";
import type { Host, ProjectDeps } from "../ports.js";
import { loadPolicyState } from "./apply-policies.js";
import { lookInside, lookAtNetworks } from "./look-for-leaks.js";
import { findEgress, findSlot, observeEgress, type ObservedEgress } from "./observe-egress.js";
import { findNeighbours, type Everyone } from "./neighbours.js";
import { policyOf, type PolicyState } from "./write-policies.js";

export interface ProbeRequest {
  readonly agents: readonly RunningAgent[];
  readonly settings: Settings;
  readonly host: Host;
  readonly signal: AbortSignal;
}

/** What came of everything that was tried from inside one agent. */
export interface ProbedAgent {
  readonly agent: AgentRef;
  readonly egress: ContainerState | "absent";
  readonly results: readonly ProbeResult[];
}

/** Each has some hundred sockets open for four seconds. */
const AT_ONCE = 8;
const MOST_OUTPUT = 4 * 1024 ** 2;

/**
 * The agents that were named, or all that run.
 * @throws DevkitError E_AGENT_NOT_RUNNING (1): what does not run cannot be tried, which is not the same as tight.
 */
export async function requireProbeable(
  deps: ProjectDeps,
  selectors: readonly string[],
): Promise<RunningAgent[]> {
  if (selectors.length > 0) {
    const named = await Promise.all(
      selectors.map((selector) => requireRunning(deps, selector).catch(withOwnCode)),
    );
    return [...new Map(named.map((one) => [one.agent.name, one])).values()].sort(byAgent);
  }
  const containers = await deps.engine.listContainers("agent", deps.project.id);
  const names = new Set(containers.map(({ agentName }) => agentName));
  const running = [...names].flatMap((name): RunningAgent[] => {
    const agent = parseAgentName(name, deps.project.roster);
    const container = agent && findContainer(deps.project, containers, agent);
    return agent !== undefined && container?.state === "running" ? [{ agent, container }] : [];
  });
  if (running.length > 0) return running.sort(byAgent);
  throw new DevkitError("E_AGENT_NOT_RUNNING", "no agent runs, so there is nothing to try", {
    hint: `start some: devkit agent up ${String(Math.max(1, containers.length))}`,
    exitCode: 1,
  });
}

function byAgent(a: RunningAgent, b: RunningAgent): number {
  return byIndex(a.agent, b.agent);
}

/** 125 is for commands that somebody else's program would have ended. */
function withOwnCode(error: unknown): never {
  if (!isDevkitError(error) || error.code !== "E_AGENT_NOT_RUNNING") throw error;
  const { message, hint, details } = error;
  throw new DevkitError("E_AGENT_NOT_RUNNING", message, {
    ...(hint === undefined ? {} : { hint }),
    ...{ details, exitCode: 1, cause: error },
  });
}

/** Tries from inside each of these agents whether anything gets out; all of it is harmless. */
export async function runProbes(deps: ProjectDeps, request: ProbeRequest): Promise<ProbedAgent[]> {
  const { host, settings, signal } = request;
  const needs = { engine: deps.engine, host, progress: deps.progress, signal };
  const [observed, state, image, agents, egresses] = await Promise.all([
    observeEgress(deps),
    loadPolicyState(deps),
    resolveEgressImage(needs, settings.egress).then((found) =>
      ensureEgressImage(needs, settings.egress, found),
    ),
    deps.engine.listContainers("agent", undefined),
    deps.engine.listContainers("egress", undefined),
  ]);
  const everyone: Everyone = [
    ...agents.map((one) => ({ ...one, role: "agent" as const })),
    ...egresses.map((one) => ({ ...one, role: "egress" as const })),
  ];
  const limit = createLimiter(AT_ONCE);
  const run = { deps, request, observed, state, image, everyone };
  return Promise.all(request.agents.map((running) => limit(() => probe(run, running))));
}

interface Run {
  readonly deps: ProjectDeps;
  readonly request: ProbeRequest;
  readonly observed: ObservedEgress;
  readonly state: PolicyState;
  /** The egress image's id: the program is in it. */
  readonly image: string;
  readonly everyone: Everyone;
}

async function probe(run: Run, running: RunningAgent): Promise<ProbedAgent> {
  const { deps, observed } = run;
  const { agent } = running;
  const step = deps.progress.step(agent, "trying to get out");
  try {
    const [byNetwork, inside] = await Promise.all([
      probeNetwork(run, running),
      lookInside(deps.engine, running, run.request.signal),
    ]);
    const egress = findEgress(observed, agent)?.state ?? "absent";
    warn(run, running, egress, hasProxyAnswered(byNetwork));
    const network = observed.networks.get(agent.name);
    const results = [...byNetwork, lookAtNetworks(running, network, run.everyone), inside];
    const leaks = results.filter(({ verdict }) => verdict === "leaked").length;
    if (leaks === 0) step.done("nothing gets out");
    else step.fail(`${String(leaks)} of ${String(results.length)} probes got through`);
    return { agent, egress, results };
  } catch (error) {
    step.fail("could not be tried");
    throw error;
  }
}

/** What can be tried from a container that has nothing of the agent but its network, whatever the agent's image has. */
async function probeNetwork(run: Run, { agent, container }: RunningAgent): Promise<ProbeResult[]> {
  const { deps, observed, state, request } = run;
  const { host, signal } = request;
  const { open, grants } = policyOf(state, agent);
  const probes = planProbes({
    own: findSlot(observed, agent),
    hostAddresses: deps.egress.addresses(),
    neighbours: findNeighbours(container, observed.networks.get(agent.name)?.id, run.everyone),
    grants: grants.map(({ pattern }) => pattern),
    open,
    token: `devkit-probe-${randomBytes(4).toString("hex")}`,
  });
  const [out, err] = [createTextSink(MOST_OUTPUT), createTextSink(1000)];
  const beside = {
    image: run.image,
    user: `${String(host.user.uid)}:${String(host.user.gid)}`,
    labels: networkLabels(deps.project, agent, host.version),
    argv: probeCommand(),
  };
  const here = findSlot(observed, agent)?.agent;
  const stdin = Readable.from([formatProbes(probes, here)]);
  const streams = { stdin, stdout: out.stream, stderr: err.stream, signal };
  const exitCode = await deps.engine.runBeside(container.id, beside, streams);
  const results = exitCode === 0 ? judgeProbes(probes, out.text()) : undefined;
  if (results !== undefined) return results;
  throw new DevkitError("E_EGRESS", `the probes did not get to their end in ${agent.name}'s network`, {
    hint: "try again; if it goes on: devkit doctor",
    details: { agent: agent.name, exitCode, excerpt: err.text() },
  });
}

/** No leak, but who believes that a proxy is tight wants to know that there is none. */
function warn(run: Run, { agent }: RunningAgent, egress: ProbedAgent["egress"], hasAnswered: boolean): void {
  const { progress } = run.deps;
  const heal = upCommand([agent]);
  if (egress === "absent")
    progress.warn(`${agent.name} has no egress container, so it reaches nothing: ${heal}`);
  else if (egress !== "running")
    progress.warn(`the egress container of ${agent.name} is ${egress}, so it reaches nothing: ${heal}`);
  else if (!hasAnswered) progress.warn(`the proxy of ${agent.name} does not answer: ${heal}`);
}
