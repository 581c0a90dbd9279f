import type { Check } from "./check.js";
import type { StagedVerification } from "./local-files.js";
import { isInScope } from "./scope.js";

/** What somebody said of a check, staged or in a commit. */
export type Verification = Pick<StagedVerification, "checkId" | "message" | "verifiedBy">;

/** A check that changed files are in the scope of. */
export interface JudgedCheck {
  readonly check: Check;
  readonly files: readonly string[];
  /** Undefined: nobody has verified it. */
  readonly verification: Verification | undefined;
}

/** The checks that these files are in the scope of, in the order of the settings; the latest verification counts. */
export function judgeChecks(
  checks: readonly Check[],
  files: readonly string[],
  said: readonly Verification[],
): readonly JudgedCheck[] {
  return checks.flatMap((check) => {
    const own = files.filter((file) => isInScope(check.scope, file));
    if (own.length === 0) return [];
    return [{ check, files: own, verification: said.findLast(({ checkId }) => checkId === check.id) }];
  });
}

/** Those that nobody has verified. */
export function unmetChecks(judged: readonly JudgedCheck[]): readonly JudgedCheck[] {
  return judged.filter(({ verification }) => verification === undefined);
}

/** Whether a commit may not be made like this. */
export function isBlocked(judged: readonly JudgedCheck[]): boolean {
  return unmetChecks(judged).some(({ check }) => check.severity === "block");
}
