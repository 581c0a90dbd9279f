import type { OwnWorktree } from "../../../app/worktrees/observe.js";
import { formatTable } from "../../../output/views/table.js";
import { defineCommand } from "../../command.js";

export const worktreesList = defineCommand({
  path: "worktrees list",
  summary: "List devkit's worktrees, agents' or not",
  description:
    "Lists every worktree that is locked in devkit's name, wherever it is. STATE says whether it is whole (ready), its directory is gone (missing), " +
    "its .git file is gone (unlinked), its checkout did not finish (unfinished) or git has forgotten it (unregistered).",
  arguments: [],
  options: {},
  examples: ["devkit worktrees list", "devkit worktrees list --json | jq -r '.data.worktrees[].path'"],
  json: '{ worktrees: [{ index, name, path, branch: string|null, head: oid|null, state: "ready"|"missing"|"unlinked"|"unfinished"|"unregistered", agent, locked: string|null }] }',
  async run({ deps }) {
    const { observePresentWorktrees } = await import("../../../app/worktrees/observe.js");
    const worktrees = await observePresentWorktrees(await deps.projectDeps());
    return {
      data: { worktrees: worktrees.map(toWorktreeData) },
      human: () =>
        worktrees.length === 0
          ? "No worktrees. Make some: devkit worktrees init 3"
          : formatTable(["WORKTREE", "STATE", "AGENT", "BRANCH", "HEAD", "PATH"], worktrees.map(toRow)),
    };
  },
});

export function toWorktreeData({ observed, record, path, state, isAgent }: OwnWorktree) {
  return {
    ...observed.agent,
    path,
    branch: record?.branch ?? null,
    head: record?.head ?? null,
    state,
    agent: isAgent,
    locked: record?.locked === true ? (record.reason ?? "") : null,
  };
}

function toRow({ observed, record, path, state, isAgent }: OwnWorktree): string[] {
  const head = record?.head?.slice(0, 12) ?? "-";
  const runsIn = observed.state.runtime === "host" ? "host" : (observed.container?.state ?? "absent");
  const container = isAgent ? runsIn : "-";
  return [observed.agent.name, state, container, record?.branch ?? "(detached)", head, path];
}
