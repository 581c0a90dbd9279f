import path from "node:path";
import { showText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { taskName } from "./tasks.js";
import type { Task } from "../../domain/tasks/task.js";

export interface SpawnedRow {
  readonly agent: AgentRef;
  readonly worktree: string;
  readonly branch: string;
  readonly task: Task | undefined;
  readonly session: string | undefined;
}

/** A spawned agent as JSON. */
export function spawnedData({ agent, worktree, branch, task, session }: SpawnedRow) {
  return {
    ...{ index: agent.index, name: agent.name, path: worktree, branch },
    ...{ task_id: task?.id ?? null, task_title: task?.title ?? null, tmux_session: session ?? null },
  };
}

/** One block for each, and how to look at them. */
export function spawnedText(rows: readonly SpawnedRow[], root: string): string {
  const blocks = rows.map(({ agent, worktree, branch, task, session }) =>
    [
      `Spawned agent: ${agent.name}`,
      `  Path:   ${relativePath(worktree, root)}`,
      `  Branch: ${branch}`,
      ...(task === undefined ? [] : [`  Task:   ${taskName(task)}`]),
      ...(session === undefined ? [] : [`  Tmux:   ${session}`]),
    ].join("\n"),
  );
  const sessions = rows.filter(({ session }) => session !== undefined);
  return [...blocks, ...(sessions.length === 0 ? [] : [attachHint(sessions)])].join("\n\n");
}

/** As people are told about a directory: from the project's root, when it is in there. */
export function relativePath(directory: string, root: string): string {
  return directory.startsWith(`${root}/`) ? path.relative(root, directory) : directory;
}

function attachHint(rows: readonly SpawnedRow[]): string {
  const isPlain = rows.every(({ agent, session }) => session === `devkit-${agent.name}`);
  const command = isPlain ? "tmux attach -t devkit-<name>" : "devkit agent attach <name>";
  return `To attach to an agent:\n  ${command}`;
}

/** `TSK-4` and its title in two lines. */
export function assignedText({ name }: AgentRef, { id, title }: Task): string {
  return `Assigned task ${id} to agent ${name}\n  Title: ${showText(title)}`;
}
