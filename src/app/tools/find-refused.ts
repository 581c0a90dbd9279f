import { waitFor } from "../../base/wait.js";
import { presetList } from "../../domain/egress/presets.js";
import type { AuditEntry } from "../../domain/egress/audit.js";
import type { Tool } from "../../domain/tools/tool.js";
import type { TurnFault } from "../../domain/tools/turn.js";
import { readAudit } from "../egress/read-audit.js";
import type { ProjectDeps } from "../ports.js";

export interface RefusedRequest {
  readonly agentName: string;
  readonly tool: Tool;
  readonly fault: TurnFault;
  readonly sinceMs: number;
}

/** What has just happened is in the log within a second; a slow machine gets more. */
const PATIENCE_MS = 4000;

/** What of an agent's did not get out since then, where that can be the cause; names of model servers first. */
export async function findRefused(
  deps: Pick<ProjectDeps, "project" | "egress" | "state">,
  { agentName, tool, fault, sinceMs }: RefusedRequest,
): Promise<AuditEntry[]> {
  if (fault !== "denied" && fault !== "unreachable") return [];
  const verdict = fault === "denied" ? "denied" : "failed";
  const targets = presetList(tool).map((name) => `${name}:443`);
  const look = async () => {
    const entries = (await readAudit(deps, { selector: agentName, denied: true })).filter(
      // Times in the log are those of whole seconds.
      (one) => one.kind === "proxy" && one.verdict === verdict && one.atMs >= sinceMs - 1000,
    );
    const known = entries.filter(({ target }) => targets.includes(target));
    return entries.length === 0 ? undefined : [...known, ...entries];
  };
  return waitFor(look, { deadlineMs: PATIENCE_MS, what: "the egress log" }).catch(() => []);
}
