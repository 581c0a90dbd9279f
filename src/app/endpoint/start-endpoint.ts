import { isDevkitError, toDevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { describeDrift, type ContainerSpec } from "../../domain/agents/container-spec.js";
import { brokerSpec } from "../../domain/endpoint/broker-spec.js";
import { LABELS } from "../../domain/identity/names.js";
import { ensureBrokerImage, resolveBrokerImage } from "../images/broker-image.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { Host, ProjectDeps } from "../ports.js";
import { saveEndpointSettings, type CurrentSettings } from "./save-settings.js";

export type EndpointNeeds = Pick<ProjectDeps, "project" | "engine" | "endpoint" | "progress">;

export interface EndpointRequest extends CurrentSettings {
  readonly host: Host;
  readonly signal: AbortSignal;
}

/** An endpoint that is being started, beside what else has to be done. */
export interface StartingEndpoint {
  /**
   * Waits until all agents are served. Answers why something had to be done, and undefined when nothing had. What fails is a
   * warning: agents work without it.
   */
  finish(): Promise<string | undefined>;
}

/** A container that has just been started listens within a second; a slow machine gets more. */
const PATIENCE_MS = 15_000;
/** A signal can be lost while the program starts. */
const AGAIN_MS = 1000;

/** Makes what agents' containers mount of it, which is waited for, and begins to start the rest. */
export async function startEndpoint(
  deps: EndpointNeeds,
  request: EndpointRequest,
  agents: readonly AgentRef[],
): Promise<StartingEndpoint> {
  await prepareEndpoint(deps, request, agents);
  // Nobody is there to be served.
  if ((await deps.endpoint.known()).length === 0) return { finish: () => Promise.resolve(undefined) };
  const started = start(deps, request).catch((error: unknown) => {
    warn(deps, error);
    return undefined;
  });
  // When something else ends the run before that, nobody waits for it.
  started.catch(() => undefined);
  return { finish: () => started };
}

/** The files alone, for containers that mount some of them. */
async function prepareEndpoint(
  deps: EndpointNeeds,
  request: EndpointRequest,
  agents: readonly AgentRef[],
): Promise<void> {
  await deps.endpoint.prepare(agents, await request.host.clientProgram());
  await saveEndpointSettings(deps, request);
}

async function start(deps: EndpointNeeds, request: EndpointRequest): Promise<string | undefined> {
  const { engine, endpoint, project, progress } = deps;
  const { host, signal, settings } = request;
  const needs = { engine, host, progress, signal };
  const [image, found, agents] = await Promise.all([
    resolveBrokerImage(needs, settings.egress),
    findBroker(deps),
    endpoint.known(),
  ]);
  const imageId = await ensureBrokerImage(needs, settings.egress, image);
  const { machine } = endpoint;
  const spec = brokerSpec({ project, imageId, user: host.user, machine, version: host.version });
  const cause = causeOf(found, spec);
  if (cause === undefined && found !== undefined) {
    if (isServing(await endpoint.findServed(), agents)) return undefined;
    await endpoint.forgetServed();
    await waitUntilServing(deps, found.id, { agents, signal, toldMs: -Infinity });
    return undefined;
  }
  await endpoint.forgetServed();
  // Another of the same name goes; a stopped one of the same kind is started again.
  const id = await engine.createContainer(spec);
  await engine.startContainer(id);
  // It looks by itself first, and before it listens for signals they would do something else to Node.
  await waitUntilServing(deps, id, { agents, signal, toldMs: performance.now() });
  return cause;
}

/** The broker's container, if there is one. */
export async function findBroker({
  engine,
  project,
}: Pick<ProjectDeps, "engine" | "project">): Promise<LabelledContainer | undefined> {
  return (await engine.listContainers("broker", project.id))[0];
}

/** Why it has to be made or started; undefined: it runs as it should. */
function causeOf(found: LabelledContainer | undefined, spec: ContainerSpec): string | undefined {
  if (found === undefined) return "there is no endpoint";
  if (found.configHash !== spec.labels[LABELS.configHash]) return describeDrift(found.config, spec);
  return found.state === "running" ? undefined : `the endpoint is ${found.state}`;
}

function isServing(served: ReadonlySet<string> | undefined, agents: readonly string[]): boolean {
  return served !== undefined && agents.every((name) => served.has(name));
}

interface Awaited {
  readonly agents: readonly string[];
  readonly signal: AbortSignal;
  /** When it was told to look last. */
  readonly toldMs: number;
}

async function waitUntilServing(
  { engine, endpoint }: EndpointNeeds,
  id: string,
  { agents, signal, ...last }: Awaited,
): Promise<void> {
  let { toldMs } = last;
  const look = async (): Promise<true | undefined> => {
    if (isServing(await endpoint.findServed(), agents)) return true;
    if (performance.now() - toldMs >= AGAIN_MS) {
      toldMs = performance.now();
      await engine.signalContainer(id, "SIGUSR1");
    }
    return undefined;
  };
  await waitFor(look, { deadlineMs: PATIENCE_MS, signal, what: "the endpoint to serve all agents" });
}

function warn({ progress }: EndpointNeeds, error: unknown): void {
  const { message, code } = toDevkitError(error);
  if (!isDevkitError(error) || code === "E_INTERRUPTED" || code === "E_TERMINATED") throw error;
  progress.warn(`agents do not reach the task pool: ${message} (try again: devkit up)`);
}
