import path from "node:path";
import type { Project } from "../identity/project.js";

/** Where the endpoint keeps the last event of each agent: `<name>.json`. In no agent's reach. */
export function activityDir({ stateDir }: Pick<Project, "stateDir">): string {
  return path.join(stateDir, "broker", "activity");
}
