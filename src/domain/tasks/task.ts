/** A unit of work in the pool. */
export interface Task {
  readonly id: string;
  /** One line. Whoever wrote it: hostile text. */
  readonly title: string;
  readonly description: string | undefined;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  /** Times are RFC 3339. */
  readonly createdAt: string;
  readonly startedAt: string | undefined;
  readonly completedAt: string | undefined;
  readonly notes: readonly TaskNote[];
  /** Ids of tasks that have to be done before. */
  readonly blockedBy: readonly string[];
  /** Where whoever started it was. */
  readonly branch: string | undefined;
  readonly topics: readonly string[];
  readonly scope: readonly string[];
  readonly claim: Claim | undefined;
  /** The number of the last claim there was; it only grows. */
  readonly claims: number;
  /** What it was imported from, so that another import knows it. */
  readonly source: string | undefined;
  /** Fields of later versions, which are kept. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export const TASK_STATUSES = ["backlog", "pending", "in_progress", "done"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** The most urgent first. */
export const TASK_PRIORITIES = ["p0", "p1", "p2", "p3"] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

export interface TaskNote {
  readonly at: string;
  readonly by: string;
  readonly text: string;
}

/** A lease: who has a task, and until when that needs no looking. */
export interface Claim {
  /** An agent's name, or `main`. */
  readonly agent: string;
  /** Fences: of two claims of a task the later has the higher one. */
  readonly number: number;
  /** Undefined: it ends only when it is given back. */
  readonly expiresAt: string | undefined;
  /** The machine whose engine can tell whether the agent runs. */
  readonly host: string | undefined;
}

/** The name under which the user acts, who is no agent. */
export const MAIN = "main";

/** What a new task is made of; the rest is made up for it. */
export interface TaskDraft {
  readonly title: string;
  readonly description?: string | undefined;
  readonly status?: TaskStatus | undefined;
  readonly priority?: TaskPriority | undefined;
  readonly blockedBy?: readonly string[];
  readonly topics?: readonly string[];
  readonly scope?: readonly string[];
  readonly source?: string | undefined;
}

const DEFAULT_PRIORITY = "p1";

export function taskOf(id: string, draft: TaskDraft, now: string): Task {
  const { title, description, status = "pending", priority = DEFAULT_PRIORITY, source } = draft;
  return {
    ...{ id, title, description, status, priority, createdAt: now, startedAt: undefined },
    completedAt: status === "done" ? now : undefined,
    ...{ notes: [], blockedBy: draft.blockedBy ?? [], branch: undefined },
    ...{ topics: draft.topics ?? [], scope: draft.scope ?? [] },
    ...{ claim: undefined, claims: 0, source, rest: {} },
  };
}
