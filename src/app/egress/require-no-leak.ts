import { DevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { upCommand } from "../../domain/agents/up-command.js";
import type { ProbeResult } from "../../domain/egress/judge-probes.js";
import type { ProbedAgent } from "./run-probes.js";

/** What came of the probes, as `--json` shows it. */
interface ProbeData {
  readonly agents: readonly {
    readonly index: number;
    readonly name: string;
    readonly egress: ProbedAgent["egress"];
    readonly probes: readonly ProbeResult[];
  }[];
}

const MOST_NAMED = 5;

/** The probes' data, when nothing got through. @throws DevkitError E_EGRESS_LEAK that names what did, and from where. */
export function requireNoLeak(probed: readonly ProbedAgent[]): ProbeData {
  const data = {
    agents: probed.map(({ agent, egress, results }) => ({ ...agent, egress, probes: results })),
  };
  const leaks = probed.flatMap(({ agent, results }) =>
    results.filter(({ verdict }) => verdict === "leaked").map((result) => ({ agent, result })),
  );
  if (leaks.length === 0) return data;
  const failed = leaks.map(({ agent, result: { id, tried, detail } }) => ({
    agent: agent.name,
    code: id,
    message: `${id} (${tried}): ${detail}`,
  }));
  const [only] = failed.length === 1 ? failed : [];
  const message = only === undefined ? nameLeaks(failed) : `1 leak: ${only.agent}: ${only.message}`;
  const up = upCommand(probed.map(({ agent }) => agent));
  const fixes = new Set(leaks.flatMap(({ result }) => result.fix ?? []));
  const hint =
    fixes.size > 0
      ? [...fixes].join("; ")
      : `see what is not as it should be: devkit doctor; put it right: ${up}; until then: devkit agent down`;
  throw new DevkitError("E_EGRESS_LEAK", message, {
    hint,
    details: { ...data, failed },
  });
}

/** `3 leaks (agent-1: gateway, metadata; agent-2: gateway)`; each is told of on a line of its own. */
function nameLeaks(leaks: readonly { readonly agent: string; readonly code: string }[]): string {
  const agents = new Map<string, string[]>();
  for (const { agent, code } of leaks) agents.set(agent, [...(agents.get(agent) ?? []), code]);
  const named = [...agents].map(([agent, codes]) => {
    const rest = codes.length - MOST_NAMED;
    return `${agent}: ${codes.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` and ${String(rest)} more` : ""}`;
  });
  return `${countOf(leaks.length, "leak")} (${named.join("; ")})`;
}
