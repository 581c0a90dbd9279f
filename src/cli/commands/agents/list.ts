import type { ListedAgent } from "../../../app/agents/list.js";
import { memoryData } from "../../../output/views/limits.js";
import { agentTable, type AgentRow } from "../../../output/views/agents.js";
import { defineCommand, flag } from "../../command.js";
import { warnAboutSync } from "./sync-warnings.js";

export const agentList = defineCommand({
  path: "agent list",
  summary: "List the agents, after bringing their commits home",
  arguments: [],
  options: { quiet: flag("-q, --quiet", "print names only") },
  examples: ["devkit agent list", "devkit agent list --json | jq -r '.data.agents[].branch'"],
  json: '{ agents: [{ index, name, state, branch: string|null, worktree, sync: "current"|"updated"|"diverged"|"refused"|"failed", outOfMemory: { kills: number|null, last: RFC 3339|null, limit: bytes|null }|null }] }',
  async run({ options, deps, reporter }) {
    const { listAgents } = await import("../../../app/agents/list.js");
    const project = await deps.projectDeps();
    const agents = await listAgents(project, deps.spec);
    warnAboutSync(agents, reporter);
    const rows = agents.map(toAgentRow);
    return {
      data: { agents: rows },
      human: () =>
        options.quiet ? rows.map(({ name }) => name).join("\n") : agentTable(rows, project.project.root),
    };
  },
});

export function toAgentRow(one: ListedAgent): AgentRow {
  return {
    ...one.agent,
    state: one.observed.container?.state ?? "absent",
    branch: one.branch ?? null,
    worktree: one.worktree,
    sync: syncState(one),
    outOfMemory: one.outOfMemory === undefined ? null : memoryData(one.outOfMemory),
  };
}

function syncState({ sync, syncError }: ListedAgent): AgentRow["sync"] {
  if (syncError !== undefined || sync === undefined || sync.unreadable) return "failed";
  if (sync.diverged.length > 0) return "diverged";
  if (sync.refused.length > 0) return "refused";
  return sync.updated.length + sync.given.length > 0 ? "updated" : "current";
}
