import type { Lack } from "../limits/admission.js";
import type { EndReason } from "./run-result.js";

/** What happens in a run, as it happens; `at` is ISO 8601. */
export type RunEvent = RunStarted | AgentsWaiting | AgentStarted | AgentLine | AgentEnded | AgentRemoved;

interface At {
  readonly at: string;
  readonly run: string;
}

export interface RunStarted extends At {
  readonly event: "run_started";
  readonly agents: readonly string[];
}

/** Some are not started yet, because there is no room for the next one. */
export interface AgentsWaiting extends At {
  readonly event: "waiting";
  readonly waiting: number;
  readonly running: number;
  /** All of the run. */
  readonly agents: number;
  readonly for: Lack["of"];
  /** Bytes, processors, processes or agents. */
  readonly needed: number;
  readonly available: number;
}

export interface AgentStarted extends At {
  readonly event: "started";
  readonly agent: string;
  readonly index: number;
  readonly task_id: string | null;
  readonly branch: string;
}

export interface AgentLine extends At {
  readonly event: "line";
  readonly agent: string;
  readonly stream: "stdout" | "stderr";
  /** Safe for a terminal. */
  readonly text: string;
}

export interface AgentEnded extends At {
  readonly event: "ended";
  readonly agent: string;
  readonly reason: EndReason;
  readonly exit_code: number | null;
  readonly duration_ms: number;
}

export interface AgentRemoved extends At {
  readonly event: "removed";
  readonly agent: string;
  /** Its id there, where it has what is nowhere else. */
  readonly trash: string | null;
}
