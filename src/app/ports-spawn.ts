import type { AgentRef } from "../domain/agents/agent.js";
import type { Task } from "../domain/tasks/task.js";

/** What a process is in the middle of with one agent; whoever finds it left behind ends or undoes it. */
export type AgentWork = SpawnWork | AssignWork | KillWork;

/** The agent is being made. */
export interface SpawnWork {
  readonly kind: "spawn";
  readonly agent: AgentRef;
  /** Whether there can be anything of it besides the name and a claim. */
  readonly isBegun: boolean;
}

/** The agent is being given another task. */
export interface AssignWork {
  readonly kind: "assign";
  readonly agent: AgentRef;
  readonly task: string;
  /** Short name of the branch for it. */
  readonly branch: string;
  /** How the task was, when the agent had claimed it before. */
  readonly before?: Pick<Task, "status" | "startedAt" | "branch"> | undefined;
}

/** The agent is being removed: what is left of it is in the trash, or on its way. */
export interface KillWork {
  readonly kind: "kill";
  readonly agent: AgentRef;
}

/** One file for each agent that something is under way with; also what keeps a name for the agent to come. */
export interface AgentJournal {
  /** False when something is under way with that agent already. */
  begin(work: AgentWork): Promise<boolean>;
  update(work: AgentWork): Promise<void>;
  end(agent: AgentRef): Promise<void>;
  list(): Promise<readonly AgentWork[]>;
  /** That of processes that are dead. */
  left(): Promise<readonly AgentWork[]>;
}

/** What an agent's endpoint tells it at its next call. */
export interface Notices {
  leave(agent: AgentRef, text: string): Promise<void>;
  /** Whoever comes next under that name is not told. */
  withdraw(agent: AgentRef): Promise<void>;
}
