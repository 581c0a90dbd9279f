import type { AuditEntry } from "./audit.js";

/** What would allow something that was denied; undefined where nothing would. */
export function allowCommand({
  agent,
  kind,
  target,
  verdict,
}: Pick<AuditEntry, "agent" | "kind" | "target" | "verdict">): string | undefined {
  if (verdict !== "denied" || kind !== "proxy") return undefined;
  // Only what the command would take: anything else an agent has written stays text.
  const host = /^((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+):443$/i.exec(target)?.[1];
  return host === undefined ? undefined : `devkit allow ${host.toLowerCase()} --agent ${agent}`;
}
