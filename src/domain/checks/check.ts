import { isCheckId } from "./local-files.js";

/** Whoever commits files in its scope has to say that what it asks for is so. */
export interface Check {
  readonly id: string;
  /** Which files it is about; see `isInScope`. */
  readonly scope: string;
  /** What has to be looked after, in one line. */
  readonly message: string;
  readonly severity: Severity;
}

/** `block` fails a check that is not met, `warn` and `info` only say so. */
export const SEVERITIES = ["block", "warn", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const DEFAULT_SEVERITY: Severity = "block";

const ENTRY = /^(\S+) (block|warn|info) ("(?:[^"\\]|\\.)*") (.+)$/u;

/** A check in one line, as settings hold it: `docs block "src/*.ts" Are the pages right?`. */
export function formatCheck({ id, severity, scope, message }: Check): string {
  return `${id} ${severity} ${JSON.stringify(scope)} ${message}`;
}

/** What `formatCheck` wrote; undefined for anything else. */
export function parseCheck(entry: string): Check | undefined {
  const [, id = "", severity, scope = "", message = ""] = ENTRY.exec(entry) ?? [];
  const known = SEVERITIES.find((one) => one === severity);
  if (known === undefined || !isCheckId(id)) return undefined;
  return { id, severity: known, scope: JSON.parse(scope) as string, message };
}

/** The checks of merged settings: of two with one id, that of the higher layer. */
export function checksOf(entries: readonly string[]): readonly Check[] {
  const checks = entries.map(parseCheck).filter((check) => check !== undefined);
  return [...new Map(checks.map((check) => [check.id, check])).values()];
}

/** The id of a check that has none of its own, from its scope: `docs/*.md` gives `docs-md`. */
export function deriveCheckId(scope: string): string {
  const words = scope.toLowerCase().match(/[a-z0-9]+/g) ?? ["all"];
  return words.join("-").slice(0, 40).replace(/-$/, "");
}
