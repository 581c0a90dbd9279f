import type { AgentRef } from "../../domain/agents/agent.js";

export interface ReapedRow {
  readonly agent: AgentRef;
  readonly run: string | undefined;
  readonly trash: string | undefined;
}

/** Agents that were taken away because their run was killed or their time over, as JSON. */
export function reapedData(rows: readonly ReapedRow[]) {
  return rows.map(({ agent, run, trash }) => ({ ...agent, run: run ?? null, trash: trash ?? null }));
}

export function reapedText(rows: readonly ReapedRow[]): string {
  if (rows.length === 0) return "Nothing was left.";
  return rows
    .map(({ agent, trash }) =>
      trash === undefined
        ? `Taken away: ${agent.name}`
        : `Taken away: ${agent.name}, with work that is nowhere else: devkit agent restore ${trash}`,
    )
    .join("\n");
}
