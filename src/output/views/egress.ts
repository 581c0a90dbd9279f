import { allowCommand } from "../../domain/egress/allow-command.js";
import type { AuditEntry, AuditSummary } from "../../domain/egress/audit.js";
import { formatHostPattern } from "../../domain/egress/host-pattern.js";
import type { EffectivePolicy, Grant } from "../../domain/egress/policy.js";
import { formatTable } from "./table.js";

/** Unix seconds as RFC 3339, in UTC. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Who asked for a grant, in words. */
export function originText({ origin }: Grant): string {
  if (origin.from === "settings")
    return origin.preset === undefined ? origin.place : `${origin.place} (preset:${origin.preset})`;
  return origin.agent === undefined ? "devkit allow" : `devkit allow --agent ${origin.agent}`;
}

/** One agent's policy as a table, or as a sentence where there is nothing to list. */
export function policyTable({ open, grants }: EffectivePolicy): string {
  if (open) return "every name on every port (profile open)";
  if (grants.length === 0) return "nothing";
  const rows = grants.map((grant) => [
    formatHostPattern(grant.pattern),
    grant.until === undefined ? "" : formatTime(grant.until),
    originText(grant),
  ]);
  return formatTable(["HOST", "UNTIL", "ALLOWED BY"], rows);
}

export function grantData(grant: Grant) {
  return {
    host: formatHostPattern(grant.pattern),
    until: grant.until === undefined ? null : formatTime(grant.until),
    by: originText(grant),
  };
}

/** The audit, what happened last at the end; for each denial the command that would allow it. */
export function auditTable(summaries: readonly AuditSummary[]): string {
  if (summaries.length === 0) return "Nothing was asked for.";
  const rows = [...summaries]
    .sort((a, b) => a.lastMs - b.lastMs)
    .map((one) => [
      one.agent,
      formatTime(Math.floor(one.lastMs / 1000)),
      one.kind === "dns" ? `${one.target} (dns)` : one.target,
      one.verdict,
      String(one.count),
      allowCommand(one) ?? "",
    ]);
  return formatTable(["AGENT", "LAST", "TARGET", "VERDICT", "COUNT", "TO ALLOW IT"], rows);
}

export function auditLine(entry: AuditEntry): string {
  const { agent, atMs, kind, target, verdict, count } = entry;
  const what = kind === "dns" ? `${target} (dns)` : target;
  return [formatTime(Math.floor(atMs / 1000)), agent, what, verdict, `x${String(count)}`].join("  ");
}
