import { resolve } from "node:path";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import { sessionTitle } from "../../domain/sessions/session-title.js";
import type { LayoutWindow } from "../../domain/sessions/layout.js";
import type { WindowRequest } from "../ports-sessions.js";

/** What windows are made with. */
export interface WindowNeeds {
  readonly project: Project;
  /** The branch that an agent is on. */
  findBranch(agent: string): string | undefined;
  /** The program and arguments that run devkit with these words on this project. */
  devkit(...words: string[]): readonly [string, ...string[]];
  /** Names of the agents among them that have no container. */
  readonly onHost: ReadonlySet<string>;
  /** The user's shell, for those. */
  readonly shell: string;
}

/** A window in which an agent's shell or command runs, as that agent. */
export function agentWindow(
  needs: WindowNeeds,
  key: string,
  window: Pick<LayoutWindow, "agent" | "path" | "command" | "name">,
): WindowRequest {
  const { agent, path, command, name } = window;
  const isOnHost = needs.onHost.has(agent.name);
  const { worktree } = agentPaths(needs.project, agent);
  return {
    key,
    cwd: isOnHost ? resolve(worktree, path ?? ".") : worktree,
    argv: isOnHost ? ownWords(command, needs.shell) : needs.devkit(...words(agent, path, command)),
    title: name ?? sessionTitle(agent.name, needs.findBranch(agent.name)),
    keep: command === undefined ? "failure" : "always",
  };
}

function words(
  { name }: AgentRef,
  path: string | undefined,
  command: LayoutWindow["command"],
): readonly string[] {
  if (command === undefined) return path === undefined ? ["shell", name] : ["attach-cd", name, path];
  const argv = argvOf(command);
  return path === undefined ? ["exec", name, "--", ...argv] : ["exec-cd", name, path, "--", ...argv];
}

/** The same on this machine. */
function ownWords(command: LayoutWindow["command"], shell: string): readonly [string, ...string[]] {
  return command === undefined ? [shell] : argvOf(command);
}

function argvOf(command: NonNullable<LayoutWindow["command"]>): readonly [string, ...string[]] {
  return typeof command === "string" ? ["bash", "-c", command] : command;
}
