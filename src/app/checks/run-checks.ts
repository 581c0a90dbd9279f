import { DevkitError } from "../../base/errors.js";
import { judgeChecks, type JudgedCheck } from "../../domain/checks/judge.js";
import { parseVerifyTrailer } from "../../domain/checks/trailers.js";
import type { CheckDeps } from "../ports-checks.js";

export interface CheckRequest {
  readonly agent: string;
  /** The commit that changes are counted from; undefined: what is staged. */
  readonly base: string | undefined;
  /** Only what is in commits counts: changes and verifications. */
  readonly isCi: boolean;
}

/** The checks that somebody's changes are in the scope of, and which of them are verified. */
export async function runChecks(
  deps: CheckDeps,
  { agent, base, isCi }: CheckRequest,
): Promise<readonly JudgedCheck[]> {
  const checks = await deps.checksOf(agent);
  if (isCi && base === undefined)
    throw new DevkitError("E_USAGE", "check run --ci needs to know since when", {
      hint: "for example: devkit check run --ci --diff-base origin/main",
    });
  if (checks.length === 0) return [];
  const changes = await deps.changesOf(agent);
  const staged = isCi ? [] : (deps.local(agent)?.staged() ?? []);
  if (base === undefined) return judgeChecks(checks, await changes.staged(), staged);
  const files = await changes.since(base, { committedOnly: isCi });
  const verified = (await changes.verified(base)).map(parseVerifyTrailer);
  return judgeChecks(checks, files, [...verified.filter((one) => one !== undefined), ...staged]);
}

/** The same for files that a commit that is being made changes. */
export async function judgeCommit(
  deps: Pick<CheckDeps, "checksOf" | "local">,
  agent: string,
  files: readonly string[],
): Promise<readonly JudgedCheck[]> {
  return judgeChecks(await deps.checksOf(agent), files, deps.local(agent)?.staged() ?? []);
}
