import { DevkitError, toDevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import type { ProjectDeps } from "../ports.js";
import type { PushedBranch, WorktreeCare } from "../ports-worktrees.js";
import { sharedBranches } from "./shared-branches.js";
import { observePresentWorktrees, selectWorktrees, type OwnWorktree } from "./observe.js";
import { pickOwn, requireBranch, type SyncedWorktree, type SyncRequest } from "./sync.js";

type Needs = ProjectDeps & { readonly care: WorktreeCare };

const REMOTE = "origin";

/** Pushes the branches of worktrees without an agent to `origin`, each under its own name, never by force. */
export async function pushWorktrees(deps: Needs, request: SyncRequest): Promise<SyncedWorktree[]> {
  await requireRemote(deps);
  const selected = selectWorktrees(request.selectors, await observePresentWorktrees(deps));
  const shared = await sharedBranches(deps.care, request.base, REMOTE);
  const base = (await deps.care.findBase(request.base)).oid;
  const looked = await Promise.all(
    selected.map((one) => look(deps, one, { shared, base, named: request.selectors.length > 0 })),
  );
  const branches = looked.filter(({ result }) => result === "pushed").map(({ branch }) => branch ?? "");
  if (branches.length === 0) return looked;
  const step = deps.progress.step(undefined, `pushing to ${REMOTE}`);
  const pushed = await deps.care.push(REMOTE, branches, request.signal).catch((error: unknown) => {
    step.fail(`cannot push to ${REMOTE}`);
    throw error;
  });
  step.done(`pushed to ${REMOTE}`);
  const answers = new Map(pushed.map((one) => [one.branch, one]));
  return looked.map((one) => (one.result === "pushed" ? settle(one, answers.get(one.branch ?? "")) : one));
}

async function requireRemote({ history }: Needs): Promise<void> {
  if ((await history.config()).some(({ key }) => key === `remote.${REMOTE}.url`)) return;
  throw new DevkitError("E_NO_REMOTE", `the repository has no remote ${REMOTE}`, {
    hint: `add it: git remote add ${REMOTE} <url>`,
  });
}

async function look(
  deps: Needs,
  one: OwnWorktree,
  { shared, base, named }: { shared: ReadonlySet<string>; base: string; named: boolean },
): Promise<SyncedWorktree> {
  const { agent } = one.observed;
  const result = { agent, path: one.path, branch: one.record?.branch, from: undefined, to: undefined };
  try {
    const refusal = pickOwn(one, named);
    if (refusal !== undefined) return { ...result, result: "left", note: refusal, error: undefined };
    const { branch, head } = requireBranch(one);
    if (shared.has(branch)) {
      throw new DevkitError("E_SHARED_BRANCH", `${one.path} is on ${branch}, which others build on`, {
        hint: `devkit only pushes branches of a worktree's own; push it yourself: git push ${REMOTE} ${branch}`,
      });
    }
    const { ahead } = await deps.care.compare(head, base);
    if (ahead === 0) return { ...result, result: "current", note: "no commits of its own", error: undefined };
    const { changed, untracked } = await deps.worktrees.status(one.path);
    const left = changed + untracked;
    const note = left === 0 ? undefined : `${countOf(left, "file")} not committed`;
    return { ...result, to: head, result: "pushed", note, error: undefined };
  } catch (error) {
    return { ...result, result: "left", note: undefined, error: toDevkitError(error) };
  }
}

function settle(one: SyncedWorktree, answer: PushedBranch | undefined): SyncedWorktree {
  if (answer?.result === "pushed") return one;
  if (answer?.result === "current") return { ...one, result: "current", to: undefined };
  const error = new DevkitError(
    "E_DIVERGED",
    `${REMOTE} refused ${one.branch ?? ""}: ${answer?.summary ?? ""}`,
    {
      hint: `see what is there: git fetch ${REMOTE} && git log ${REMOTE}/${one.branch ?? ""}`,
    },
  );
  return { ...one, result: "left", to: undefined, error };
}
