import type { AgentRef } from "../../domain/agents/agent.js";
import { trashId, type TrashEntry } from "../../domain/custody/trash.js";
import { findingsOf, hasLooseFiles, type UnsavedWork } from "../../domain/custody/unsaved-work.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { findFreeStamp } from "./free-stamp.js";

/** What the trash says of an agent that is about to be removed. */
export async function describeEntry(
  deps: Pick<ProjectDeps, "project" | "worktrees" | "refs" | "history" | "trash">,
  agent: AgentRef,
  work: UnsavedWork,
  now: Date,
): Promise<TrashEntry> {
  const { worktree } = agentPaths(deps.project, agent);
  const record = (await deps.worktrees.list()).find((one) => one.path === worktree);
  const stamp = await findFreeStamp(deps, agent, now);
  return {
    id: trashId(agent, stamp),
    agent,
    branch: record?.branch,
    commit: record?.head,
    keepsFiles: hasLooseFiles(work),
    ...(work.onHost === undefined ? {} : { onHost: true }),
    work: findingsOf(work)
      .filter(({ kind }) => kind !== "running")
      .map(({ text }) => text),
  };
}
