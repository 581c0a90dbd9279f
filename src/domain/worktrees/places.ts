import path from "node:path";
import { parseAgentName, type AgentRef } from "../agents/agent.js";
import type { WorktreeRecord } from "../custody/worktree-list.js";
import type { Project } from "../identity/project.js";
import { LAYOUTS, layoutPlace } from "./layout.js";

/** Worktrees devkit registers for a moment while it adopts a directory. */
const ASIDE = /\/\.adopt-[^/]*\//;

/**
 * Which of git's worktrees are devkit's, by agent name. The reason of the lock says so wherever a worktree is; one that
 * was unlocked is still ours in its usual place, but beside the primary only on a branch of ours: people make
 * worktrees there by hand.
 */
export function findOwnWorktrees(
  project: Project,
  records: readonly WorktreeRecord[],
): Map<string, WorktreeRecord> {
  const found = new Map<string, WorktreeRecord>();
  for (const record of records) {
    const agent = ownerOf(project, record);
    if (agent === undefined) continue;
    const other = found.get(agent.name);
    // Of two with the same reason, the one in a usual place.
    if (other === undefined || (!isUsual(project, agent, other) && isUsual(project, agent, record)))
      found.set(agent.name, record);
  }
  return found;
}

/** The agent whose worktree this is, or undefined for the primary and the user's own. */
function ownerOf(project: Project, record: WorktreeRecord): AgentRef | undefined {
  if (record.path === project.root || ASIDE.test(record.path)) return undefined;
  const named = (name = "") => parseAgentName(name, project.roster);
  const locked = named(/^devkit (.+)$/.exec(record.reason ?? "")?.[1]);
  if (locked !== undefined) return locked;
  const nested = named(path.basename(record.path));
  if (nested !== undefined && record.path === layoutPlace(project, "nested", nested)) return nested;
  const branch = named(/^agent\/([^/]+)\//.exec(record.branch ?? "")?.[1]);
  return branch !== undefined && isUsual(project, branch, record) ? branch : undefined;
}

function isUsual(project: Project, agent: AgentRef, record: WorktreeRecord): boolean {
  return LAYOUTS.some((layout) => layoutPlace(project, layout, agent) === record.path);
}

/** Takes note of where git has the worktrees now; `agentPaths` answers by that. */
export function noteWorktrees(project: Project, own: ReadonlyMap<string, WorktreeRecord>): void {
  const { found } = project.places;
  found.clear();
  for (const [name, record] of own) found.set(name, record.path);
}
