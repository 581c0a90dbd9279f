import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { RELEASE_FILE } from "../../domain/agents/container-spec.js";
import type { ProjectDeps } from "../ports.js";
import { findContainer } from "./observe.js";

/** Lets a main process of the user's own begin, which waits for that: its container's network is sealed now. */
export async function releaseCommand(
  { engine, project }: Pick<ProjectDeps, "engine" | "project">,
  agent: AgentRef,
): Promise<void> {
  const container = findContainer(project, await engine.listContainers("agent", project.id), agent);
  if (container === undefined) return;
  const ignored = createTextSink(0);
  const request = { argv: ["touch", RELEASE_FILE], env: {}, workdir: "/", tty: false };
  await engine.exec(container.id, request, {
    stdin: undefined,
    stdout: ignored.stream,
    stderr: ignored.stream,
  });
}
