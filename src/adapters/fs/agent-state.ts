import type { AgentState } from "../../app/ports.js";
import { homes } from "./homes.js";
import { lfsObjects } from "./lfs-objects.js";
import { listOwnModules } from "./own-modules.js";
import { privateGits } from "./private-git.js";
import { readActivity } from "./read-activity.js";
import { projectDir } from "./project-dir.js";
import { enrol } from "./roster.js";
import { syncMemory } from "./sync-memory.js";

/** The project's and the agents' directories on the host. */
export function createAgentState(): AgentState {
  return {
    ...projectDir,
    enrol,
    ...homes,
    ...privateGits,
    ...syncMemory,
    ...lfsObjects,
    listModules: (paths) => listOwnModules(paths.git),
    readActivity: (paths) => readActivity(paths.git),
  };
}
