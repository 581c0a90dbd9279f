import type { AgentRef } from "../../domain/agents/agent.js";
import type { ProbeResult } from "../../domain/egress/judge-probes.js";
import { PROBE_GROUPS, type ProbeGroup } from "../../domain/egress/probes.js";
import type { Paint } from "../paint.js";
import { formatTable } from "./table.js";

interface Probed {
  readonly agent: AgentRef;
  readonly results: readonly ProbeResult[];
}

/** How many probes of each group came to nothing, agent by agent; for agents from which nothing got out. */
export function probeTable(probed: readonly Probed[], paint: Paint): string {
  const header = ["AGENT", ...PROBE_GROUPS.map((group) => group.toUpperCase()), "VERDICT"];
  const rows = probed.map(({ agent, results }) => [
    agent.name,
    ...PROBE_GROUPS.map((group) => cell(results, group)),
    paint("green", "nothing gets out"),
  ]);
  return formatTable(header, rows);
}

function cell(results: readonly ProbeResult[], group: ProbeGroup): string {
  const count = results.filter((result) => result.group === group).length;
  return count === 0 ? "-" : `${String(count)} blocked`;
}
