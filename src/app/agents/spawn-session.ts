import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentCommand } from "../../domain/agents/agent-command.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import { recordedSettings } from "../../domain/agents/container-spec.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { Task } from "../../domain/tasks/task.js";
import { requireRunning, type RunningAgent } from "./exec.js";
import type { SpawnDeps } from "./spawn-deps.js";

/** Runs devkit on this project: a command of its own follows. */
export type OwnProgram = readonly [string, ...string[]];

export interface SessionRequest {
  readonly agent: AgentRef;
  readonly branch: string;
  readonly task: Task | undefined;
  readonly settingsOf: SettingsOf;
  readonly runtime: AgentRuntime;
  readonly program: OwnProgram;
}

/**
 * Starts the agent's program in a session; answers the session's name. For one in a container, what is in it is devkit
 * itself, so that all that holds for commands in agents holds for this one.
 * @throws DevkitError E_CLI_MISSING when the agent has no such program
 */
export async function startSession(deps: SpawnDeps, request: SessionRequest): Promise<string> {
  const { agent, branch, task, settingsOf, program, runtime } = request;
  const place = { agent: agent.name, branch, task };
  const argv = agentCommand(settingsOf(agent).agent, place);
  const cwd = agentPaths(deps.project, agent).worktree;
  const title = `${agent.name} · ${branch}`;
  if (runtime === "host") {
    const own = { DEVKIT_AGENT: agent.name, ...(task === undefined ? {} : { DEVKIT_TASK: task.id }) };
    return deps.sessions.start({ agent: agent.name, cwd, argv, env: own, title });
  }
  await requireProgram(deps, await requireRunning(deps, agent.name), argv[0]);
  const env = task === undefined ? [] : ["env", `DEVKIT_TASK=${task.id}`];
  return deps.sessions.start({
    agent: agent.name,
    cwd,
    argv: [...program, "exec", agent.name, "--", ...env, ...argv],
    title,
  });
}

async function requireProgram(
  { engine }: SpawnDeps,
  { agent, container }: RunningAgent,
  program: string,
): Promise<void> {
  const { workdir } = recordedSettings(container.config);
  const argv = ["/bin/sh", "-c", 'command -v -- "$1" >/dev/null', "devkit", program];
  const ignored = createTextSink(0).stream;
  const streams = { stdin: undefined, stdout: ignored, stderr: ignored };
  if ((await engine.exec(container.id, { argv, env: {}, workdir, tty: false }, streams)) === 0) return;
  throw new DevkitError("E_CLI_MISSING", `${agent.name} has no program ${quoteText(program)}`, {
    hint: "have it in the image ([image] packages or npm, or an overlay: devkit -p codex agent spawn), name another ([agent] command), or: devkit agent spawn --no-tmux",
    details: { agent: agent.name, program },
  });
}
