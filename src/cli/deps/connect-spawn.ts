import { createAgentJournal } from "../../adapters/fs/agent-journal.js";
import { createNotices } from "../../adapters/fs/notices.js";
import { loadRoster } from "../../adapters/fs/roster.js";
import type { SpecOf } from "../../app/agents/list.js";
import type { SpawnDeps } from "../../app/agents/spawn-deps.js";
import type { Sessions } from "../../app/ports-sessions.js";
import type { TaskDeps } from "../../app/ports-tasks.js";
import type { ProjectDeps } from "../../app/ports.js";

export interface SpawnNeeds {
  readonly deps: ProjectDeps;
  readonly pool: TaskDeps;
  readonly sessions: Sessions;
  readonly spec: SpecOf;
  readonly uninterrupted: SpawnDeps["uninterrupted"];
}

export function connectSpawn({ deps, pool, sessions, spec, uninterrupted }: SpawnNeeds): SpawnDeps {
  const { project } = deps;
  return {
    ...{ ...deps, pool, sessions, spec, uninterrupted },
    loadRoster: () => loadRoster(project),
    journal: createAgentJournal(project),
    notices: createNotices(project),
  };
}
