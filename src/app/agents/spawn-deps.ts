import type { Roster } from "../../domain/agents/agent.js";
import type { Sessions } from "../ports-sessions.js";
import type { AgentJournal, Notices } from "../ports-spawn.js";
import type { TaskDeps } from "../ports-tasks.js";
import type { ProjectDeps } from "../ports.js";
import type { SpecOf } from "./list.js";

/** What agents with tasks and sessions need besides agents. */
export interface SpawnDeps extends ProjectDeps {
  readonly pool: TaskDeps;
  readonly sessions: Sessions;
  readonly journal: AgentJournal;
  readonly notices: Notices;
  readonly spec: SpecOf;
  /** The names that agents have by now. */
  loadRoster(this: void): Roster;
  /** The same for what an interrupt must not keep from being done: taking back what was begun. */
  readonly uninterrupted: Pick<SpawnDeps, "locks" | "pool" | "sessions" | "ports" | "logins">;
}
