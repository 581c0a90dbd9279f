import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { byIndex, parseAgentName, parseAgentSelector, type AgentRef } from "../../domain/agents/agent.js";
import { recordedSettings } from "../../domain/agents/container-spec.js";
import { terminalEnv } from "../../domain/agents/env.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { createTextSink } from "../../base/text-sink.js";
import { refuseOnHost } from "../host-runtime/refuse-on-host.js";
import type { ExecStreams, LabelledContainer } from "../ports-engine.js";
import type { Host, ProjectDeps } from "../ports.js";
import { findContainer, observePresent } from "./observe.js";
import { requireAgent } from "./select.js";

type Needs = Pick<ProjectDeps, "project" | "engine" | "worktrees" | "state">;

export interface RunningAgent {
  readonly agent: AgentRef;
  readonly container: LabelledContainer;
}

export interface InnerCommand {
  readonly argv: readonly string[];
  /** Relative to where commands run, or a container path. */
  readonly directory: string | undefined;
  readonly tty: boolean;
  /** Variables of its own, besides those of the container and the terminal. */
  readonly env: Readonly<Record<string, string>>;
  readonly size?: { readonly columns: number; readonly rows: number };
}

/**
 * The agent's running container. One engine call when all is well.
 * @throws DevkitError E_AGENT_UNKNOWN (4), E_AGENT_NOT_RUNNING (125)
 */
export async function requireRunning(deps: Needs, selector: string): Promise<RunningAgent> {
  const containers = await deps.engine.listContainers("agent", deps.project.id);
  const { roster } = deps.project;
  const wanted = parseAgentSelector(selector, roster);
  const container = wanted && findContainer(deps.project, containers, wanted);
  if (wanted !== undefined && container?.state === "running") return { agent: wanted, container };
  const named = containers
    .map((one) => parseAgentName(one.agentName, roster))
    .filter((agent) => agent !== undefined);
  const observed = await observePresent(deps);
  const present = [...observed, ...named.sort(byIndex).map((agent) => ({ agent }))];
  const { agent } = requireAgent(selector, dedupe(present));
  const own = observed.find((one) => one.agent.name === agent.name);
  if (own !== undefined) refuseOnHost(deps.project, own);
  const state = container === undefined ? "has no container" : `is ${container.state}`;
  throw new DevkitError("E_AGENT_NOT_RUNNING", `${agent.name} ${state}`, {
    hint: `start it: ${upCommand([agent], recordedSettings(container?.config).overlays)}`,
    details: { agent: agent.name, state: container?.state ?? "absent" },
  });
}

/**
 * A command that names overlays means a container made with them.
 * @throws DevkitError E_OVERLAY_NOT_APPLIED (125)
 */
export function requireOverlays({ agent, container }: RunningAgent, asked: readonly string[]): void {
  const { overlays } = recordedSettings(container.config);
  const missing = asked.filter((name) => !overlays.includes(name));
  if (missing.length === 0) return;
  throw new DevkitError(
    "E_OVERLAY_NOT_APPLIED",
    `the container of ${agent.name} was made without the overlay ${missing.join(", ")}`,
    {
      hint: `make it with that: ${upCommand([agent], [...new Set([...overlays, ...asked])])}`,
      details: { agent: agent.name, missing, overlays },
    },
  );
}

/** Runs a command in the agent; resolves with its exit code. */
export async function execInAgent(
  deps: Needs & { readonly host: Host },
  running: RunningAgent,
  command: InnerCommand,
  streams: ExecStreams,
): Promise<number> {
  const workdir = await resolveDirectory(deps, running, command.directory);
  const env = { ...terminalEnv(deps.host.env, command.tty), ...command.env };
  return deps.engine.exec(running.container.id, { ...command, env, workdir }, streams);
}

/** Asked inside the agent, where its links mean what they mean to it. */
async function resolveDirectory(
  deps: Needs,
  running: RunningAgent,
  directory: string | undefined,
): Promise<string> {
  const { workdir } = recordedSettings(running.container.config);
  const target = path.posix.resolve(workdir, directory ?? ".");
  if (target === CONTAINER.workspace) return target;
  const ignored = createTextSink(0);
  const request = { argv: ["test", "-d", target], env: {}, workdir: "/", tty: false };
  const streams = { stdin: undefined, stdout: ignored.stream, stderr: ignored.stream };
  if ((await deps.engine.exec(running.container.id, request, streams)) === 0) return target;
  const index = String(running.agent.index);
  throw new DevkitError("E_PATH_NOT_FOUND", `${running.agent.name} has no directory ${target}`, {
    hint:
      directory === undefined
        ? `it is where its commands run (container.workdir); look what there is: devkit exec-cd ${index} / ls`
        : `look what there is: devkit exec ${index} -- ls; to run a program without changing directory: devkit exec ${index} -- ${directory} …`,
    details: { agent: running.agent.name, path: target },
  });
}

function dedupe(all: readonly { readonly agent: AgentRef }[]): { readonly agent: AgentRef }[] {
  return [...new Map(all.map((one) => [one.agent.name, one])).values()].sort((a, b) =>
    byIndex(a.agent, b.agent),
  );
}
