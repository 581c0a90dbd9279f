import { setTimeout as sleep } from "node:timers/promises";
import { parseAgentName } from "../../domain/agents/agent.js";
import { parseAudit, type AuditEntry } from "../../domain/egress/audit.js";
import { egressPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import { requireAgent } from "../agents/select.js";

type Needs = Pick<ProjectDeps, "project" | "egress" | "state">;

export interface AuditRequest {
  /** An index or a name; undefined: all agents. */
  readonly selector: string | undefined;
  /** Only what did not get through. */
  readonly denied: boolean;
}

/** How often a log that is followed is looked at. */
const FOLLOW_MS = 200;

/** What agents asked for, oldest first; of all egress containers. @throws DevkitError E_AGENT_UNKNOWN */
export async function readAudit(deps: Needs, { selector, denied }: AuditRequest): Promise<AuditEntry[]> {
  const named = (name: string) => parseAgentName(name, deps.project.roster);
  const owners = (await deps.egress.listOwners()).map(named);
  const all = await Promise.all(
    [undefined, ...owners].map(async (owner) =>
      parseAudit(await deps.egress.readAudit(egressPaths(deps.project, owner))),
    ),
  );
  const entries = all.flat().sort((a, b) => a.atMs - b.atMs);
  const known = (await deps.state.known(deps.project)).map((agent) => ({ agent }));
  const seen = entries.map(({ agent }) => named(agent)).filter((agent) => agent !== undefined);
  const agent =
    selector === undefined
      ? undefined
      : requireAgent(selector, [...known, ...seen.map((one) => ({ agent: one }))]).agent.name;
  return entries.filter(
    (entry) => (agent === undefined || entry.agent === agent) && (!denied || entry.verdict !== "allowed"),
  );
}

/** Tells entries as they come, from now on, until the signal. */
export async function followAudit(
  deps: Needs,
  request: AuditRequest,
  signal: AbortSignal,
  onEntry: (entry: AuditEntry) => void,
): Promise<void> {
  const keyOf = (entry: AuditEntry) => Object.values(entry).join("\t");
  const count = (entries: readonly AuditEntry[]) => {
    const counts = new Map<string, number>();
    for (const entry of entries) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1);
    return counts;
  };
  // By what it says, not by how long it is: the log is cut when it has grown.
  let told = count(await readAudit(deps, request));
  while (!signal.aborted) {
    await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
    const entries = await readAudit(deps, request);
    const left = new Map(told);
    for (const entry of entries) {
      const times = left.get(keyOf(entry)) ?? 0;
      if (times === 0) onEntry(entry);
      else left.set(keyOf(entry), times - 1);
    }
    told = count(entries);
  }
}
