import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import type { Check } from "../../domain/checks/check.js";
import { cleanMessage, type StagedVerification } from "../../domain/checks/local-files.js";
import type { CheckDeps } from "../ports-checks.js";
import type { LocalState } from "../ports-local-state.js";

export interface VerifyRequest {
  readonly agent: string;
  readonly id: string;
  readonly message: string;
}

/**
 * Stages that a check is met, for the next commit; what was said of the same check before is replaced.
 * @throws DevkitError E_CHECK_UNKNOWN, E_CHECK_INPUT
 */
export async function verifyCheck(
  deps: CheckDeps,
  { agent, id, message }: VerifyRequest,
): Promise<StagedVerification> {
  const check = requireCheck(await deps.checksOf(agent), id);
  const said = cleanMessage(message);
  if (said === "") {
    throw new DevkitError("E_CHECK_INPUT", "the message is empty", {
      hint: `say what you looked at: devkit verify ${check.id} -m "…"`,
    });
  }
  const local = requireLocal(deps, agent);
  const staged: StagedVerification = {
    ...{ checkId: check.id, message: said, verifiedBy: agent, createdAt: deps.now().toISOString() },
  };
  local.setStaged([...local.staged().filter(({ checkId }) => checkId !== check.id), staged]);
  return staged;
}

/** @throws DevkitError E_CHECK_UNKNOWN that names those there are */
export function requireCheck(checks: readonly Check[], id: string): Check {
  const found = checks.find((check) => check.id === id);
  if (found !== undefined) return found;
  const names = checks.map((check) => check.id);
  const there = names.length === 0 ? "there are no checks" : `there are ${names.join(", ")}`;
  throw new DevkitError("E_CHECK_UNKNOWN", `there is no check ${quoteText(id.slice(0, 80))}; ${there}`, {
    hint: names.length === 0 ? "add one: devkit check add --help" : "see them: devkit check list",
    details: { asked: id, checks: names },
  });
}

/** @throws DevkitError E_WORKTREE_BROKEN when there is no worktree to keep it in */
export function requireLocal({ local }: Pick<CheckDeps, "local">, agent: string): LocalState {
  const found = local(agent);
  if (found !== undefined) return found;
  throw new DevkitError("E_WORKTREE_BROKEN", `${agent} has no worktree`, {
    hint: "look at it: devkit agent list; agent up makes it again",
    details: { agent },
  });
}
