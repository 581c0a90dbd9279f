import { errorMessage } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecOf } from "../agents/list.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "caches" | "engine" | "project" | "progress">;

/**
 * Removes an agent's own caches, which are no work and never go to the trash; its container is stopped by now. What cannot
 * be removed keeps nobody from removing the agent, and goes along with it.
 */
export async function removeCaches(deps: Needs, agent: AgentRef, spec: SpecOf): Promise<void> {
  const paths = agentPaths(deps.project, agent);
  try {
    if (await deps.caches.removeOwn(paths)) return;
    await emptyAsRoot(deps, await spec(agent), deps.caches.kernelDir(paths));
    if (await deps.caches.removeOwn(paths)) return;
    deps.progress.warn(`${agent.name}: its caches cannot be removed; they go to the trash with it`);
  } catch (error) {
    deps.progress.warn(`${agent.name}: its caches go to the trash with it: ${errorMessage(error)}`);
  }
}

/** The engine's root has no rights but to what is its own, as this directory is. */
async function emptyAsRoot({ engine }: Needs, spec: ContainerSpec, directory: string): Promise<void> {
  const at = "/kernel";
  const helper: ContainerSpec = {
    ...spec,
    user: "0:0",
    workdir: "/",
    mounts: [{ hostPath: directory, containerPath: at, readOnly: false }],
  };
  const script = `chmod 0700 ${at} && find ${at} -mindepth 1 -delete`;
  const request = { argv: ["sh", "-c", script], env: {}, workdir: "/", tty: false };
  const sink = createTextSink(1000).stream;
  await engine.runOnce(helper, request, { stdin: undefined, stdout: sink, stderr: sink });
}
