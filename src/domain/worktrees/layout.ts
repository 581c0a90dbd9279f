import path from "node:path";
import type { AgentRef } from "../agents/agent.js";

/** Where new worktrees go: inside the project, or beside the primary under the directory that holds it. */
export const LAYOUTS = ["nested", "dev-root"] as const;

export type WorktreeLayout = (typeof LAYOUTS)[number];

/** The place a new worktree of this agent gets: `<repo>/.devkit/agents/agent-2` or `<dev root>/agent2/<repo>`. */
export function layoutPlace(
  project: { readonly root: string; readonly devkitDir: string },
  layout: WorktreeLayout,
  agent: AgentRef,
): string {
  if (layout === "nested") return path.join(project.devkitDir, "agents", agent.name);
  const devRoot = path.dirname(project.root);
  return path.join(devRoot, `agent${String(agent.index)}`, path.basename(project.root));
}
