import { createAgentJournal } from "../../adapters/fs/agent-journal.js";
import { createFileLocks } from "../../adapters/fs/locks.js";
import { createNotices } from "../../adapters/fs/notices.js";
import { loadRoster } from "../../adapters/fs/roster.js";
import { createTaskStore } from "../../adapters/fs/task-store.js";
import type { SpecOf } from "../../app/agents/list.js";
import type { SpawnDeps } from "../../app/agents/spawn-deps.js";
import type { Sessions } from "../../app/ports-sessions.js";
import type { TaskDeps } from "../../app/ports-tasks.js";
import type { ProjectDeps } from "../../app/ports.js";
import { locksDir } from "../../domain/identity/project.js";

export interface SpawnNeeds {
  readonly deps: ProjectDeps;
  readonly pool: TaskDeps;
  readonly sessions: Sessions;
  readonly spec: SpecOf;
}

export function connectSpawn({ deps, pool, sessions, spec }: SpawnNeeds): SpawnDeps {
  const { project, progress } = deps;
  const { signal } = new AbortController();
  return {
    ...{ ...deps, pool, sessions, spec },
    loadRoster: () => loadRoster(project),
    journal: createAgentJournal(project),
    notices: createNotices(project),
    uninterrupted: {
      locks: createFileLocks({ directory: locksDir(project), progress, signal }),
      pool: { ...pool, store: createTaskStore({ project, progress, signal }) },
    },
  };
}
