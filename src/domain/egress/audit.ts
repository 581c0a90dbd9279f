/** What an agent asked for: a connection through its proxy, or the address of a name. */
export type AuditKind = "proxy" | "dns";

/** `failed`: allowed, but the name has no (public) address or nobody answered there. */
export type AuditVerdict = "allowed" | "denied" | "failed";

/** One line of an egress container's audit log: the same thing `count` times within a second. */
export interface AuditEntry {
  /** When the first of them was, in milliseconds since 1970. */
  readonly atMs: number;
  readonly agent: string;
  readonly kind: AuditKind;
  readonly verdict: AuditVerdict;
  /** Written by the agent: `host:port`, a URL, a name, or whatever it sent. Printable ASCII, no tab. */
  readonly target: string;
  readonly count: number;
}

/** All entries about the same thing. */
export interface AuditSummary extends Omit<AuditEntry, "atMs"> {
  readonly firstMs: number;
  readonly lastMs: number;
}

const LINE =
  /^(\d{12,14})\t([a-z0-9][a-z0-9._-]{0,62})\t(proxy|dns)\t(allowed|denied|failed)\t([ -~]{1,300})\t([1-9]\d{0,8})$/;

/** Reads one line without its end; undefined for anything that the supervisor would not write. */
export function parseAuditLine(line: string): AuditEntry | undefined {
  const [, at = "", agent = "", kind, verdict, target = "", count = ""] = LINE.exec(line) ?? [];
  if (kind === undefined || verdict === undefined) return undefined;
  return {
    atMs: Number(at),
    agent,
    kind: kind as AuditKind,
    verdict: verdict as AuditVerdict,
    target,
    count: Number(count),
  };
}

/** Reads a log, leaving out what is no entry: the end of a line that is being written, the start of a cut one. */
export function parseAudit(text: string): AuditEntry[] {
  return text
    .split("\n")
    .map(parseAuditLine)
    .filter((entry) => entry !== undefined);
}

/** One summary for each agent, kind, target and verdict, the latest first. */
export function summarizeAudit(entries: readonly AuditEntry[]): AuditSummary[] {
  const summaries = new Map<string, AuditSummary>();
  for (const { atMs, ...entry } of entries) {
    const key = [entry.agent, entry.kind, entry.verdict, entry.target].join("\t");
    const known = summaries.get(key);
    summaries.set(key, {
      ...entry,
      count: entry.count + (known?.count ?? 0),
      firstMs: Math.min(atMs, known?.firstMs ?? atMs),
      lastMs: Math.max(atMs, known?.lastMs ?? atMs),
    });
  }
  return [...summaries.values()].sort((a, b) => b.lastMs - a.lastMs);
}
