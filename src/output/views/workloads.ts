import type { Task, TaskStatus } from "../../domain/tasks/task.js";

/** What of a session is shown. */
export interface SessionView {
  readonly name: string;
  readonly state: "running" | "ended";
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/** The task that somebody works on, or has claimed, as JSON. */
export interface TaskFields {
  readonly task_id: string | null;
  readonly task_title: string | null;
  readonly task_status: TaskStatus | null;
}

/** An agent's task and session as JSON. */
export interface WorkloadData extends TaskFields {
  readonly tmux_session: string | null;
  readonly tmux_running: boolean;
  /** How its program ended; null while it runs, or has no session. */
  readonly tmux_ended: string | null;
}

export function workloadData({
  task,
  session,
}: {
  readonly task: Task | undefined;
  readonly session: SessionView | undefined;
}): WorkloadData {
  return {
    ...taskFields(task),
    tmux_session: session?.name ?? null,
    tmux_running: session?.state === "running",
    tmux_ended: session?.state === "ended" ? endOf(session) : null,
  };
}

export function taskFields(task: Task | undefined): TaskFields {
  return {
    task_id: task?.id ?? null,
    task_title: task?.title ?? null,
    task_status: task?.status ?? null,
  };
}

/** What the table says behind, or in the place of, a session's name. */
export function sessionText({ tmux_session: session, tmux_ended: ended }: WorkloadData): string {
  if (session === null) return "(not running)";
  return ended === null ? session : `${session} (${ended})`;
}

function endOf({ exitCode, signal }: SessionView): string {
  if (signal !== undefined) return signal;
  return exitCode === undefined ? "ended" : `exited ${String(exitCode)}`;
}
