import { countOf } from "../../base/plural.js";
import { showText } from "../../base/show-text.js";
import type { Check } from "../../domain/checks/check.js";
import { isBlocked, unmetChecks, type JudgedCheck } from "../../domain/checks/judge.js";
import { formatTable } from "./table.js";

const MOST_FILES = 10;

/** The shape of one check in `check run`. */
export const JUDGED_JSON =
  '{ id, scope, message, severity: "block"|"warn"|"info", files: [path], met, verification: { message, verified_by }|null }';

export function judgedData({ check, files, verification }: JudgedCheck) {
  return {
    ...check,
    files,
    met: verification !== undefined,
    verification:
      verification === undefined
        ? null
        : { message: verification.message, verified_by: verification.verifiedBy },
  };
}

/** Each check with its files and, where nobody has verified it, the command that does. */
export function judgedText(judged: readonly JudgedCheck[], commandFor: (check: Check) => string): string {
  if (judged.length === 0) return "No check is about these changes.";
  const blocks = judged.map((one) =>
    one.verification === undefined ? unmetText(one, commandFor) : metText(one),
  );
  return [...blocks, summary(judged)].join("\n");
}

export function checkTable(checks: readonly Check[]): string {
  const rows = checks.map(({ id, severity, scope, message }) => [
    id,
    severity,
    showText(scope),
    showText(message),
  ]);
  return formatTable(["CHECK", "SEVERITY", "SCOPE", "MESSAGE"], rows);
}

function metText({ check, verification }: JudgedCheck): string {
  return `✓ ${check.id}: ${showText(verification?.verifiedBy ?? "")}: ${showText(verification?.message ?? "")}`;
}

function unmetText({ check, files }: JudgedCheck, commandFor: (check: Check) => string): string {
  const shown = files.slice(0, MOST_FILES).map((file) => `    ${showText(file)}`);
  const more = files.length - MOST_FILES;
  const rest = more > 0 ? [`    and ${String(more)} more`] : [];
  const head = `${check.severity === "block" ? "✗" : "!"} ${check.id} (${check.severity}): ${showText(check.message)}`;
  return [head, ...shown, ...rest, `  ${commandFor(check)}`].join("\n");
}

function summary(judged: readonly JudgedCheck[]): string {
  const unmet = unmetChecks(judged).length;
  if (unmet === 0) return "All are verified.";
  return `${countOf(unmet, "check")} not verified${isBlocked(judged) ? "" : ", none of which blocks"}.`;
}
