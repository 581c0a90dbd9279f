import type { Pool } from "../domain/tasks/blocking.js";
import type { Task } from "../domain/tasks/task.js";
import type { LocalState } from "./ports-local-state.js";
import type { Progress } from "./ports.js";

/** The pool on disk, shared by processes and by machines that share the file system (docs/adr/0020). */
export interface TaskStore {
  load(): Pool;
  /** Undefined when there is none. @throws DevkitError E_TASK_BROKEN */
  find(id: string): Task | undefined;
  /**
   * Changes one task while nobody else does; `change` gets it as it is then, and may be called again. What `change`
   * throws leaves it as it was.
   * @throws DevkitError E_TASK_UNKNOWN, E_TASK_BROKEN
   */
  update(id: string, change: (task: Task) => Task): Promise<Task>;
  /** While nobody else adds, removes or makes one task wait for another. Single tasks change all the same. */
  edit<T>(work: (editor: PoolEditor) => Promise<T>): Promise<T>;
}

export interface PoolEditor {
  /** Higher than every number that the pool has had. */
  nextNumber(): Promise<number>;
  /** In this order, which a process that is killed leaves off in; otherwise all or none. */
  create(tasks: readonly Task[]): Promise<void>;
  /** `check` gets it as it is then, and can refuse by throwing. */
  remove(id: string, check: (task: Task) => void): Promise<void>;
}

/** What the use-cases of tasks need. Who acts is an argument of each. */
export interface TaskDeps {
  readonly store: TaskStore;
  /** Names of the agents whose containers run on this machine; undefined when no engine answers. */
  running(): Promise<ReadonlySet<string> | undefined>;
  /** The branch that an agent, or `main`, is on. */
  findBranch(agent: string): string | undefined;
  /** What is that agent's alone, or the user's; undefined when it has no worktree, or none that we may write in. */
  local(agent: string): LocalState | undefined;
  /** The name of this machine. */
  readonly host: string;
  now(): Date;
  /** How long a claim holds without being renewed. */
  leaseMs(): Promise<number>;
  /** What new ids start with. */
  prefix(): Promise<string>;
  readonly progress: Pick<Progress, "warn">;
}
