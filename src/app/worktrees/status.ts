import type { ProjectDeps, WorktreeStatus } from "../ports.js";
import type { CommitInfo, Distance, WorktreeCare } from "../ports-worktrees.js";
import { observePresentWorktrees, selectWorktrees, type OwnWorktree } from "./observe.js";

export interface DescribedWorktree extends OwnWorktree {
  /** Undefined when there is no whole directory to look at. */
  readonly files: WorktreeStatus | undefined;
  /** What git is in the middle of; never known of an agent, whose git dir is its own. */
  readonly unfinished: string | undefined;
  readonly base: Distance | undefined;
  readonly upstream: (Distance & { readonly ref: string }) | undefined;
  readonly commit: CommitInfo | undefined;
}

type Needs = ProjectDeps & { readonly care: WorktreeCare };

/** Some worktrees, or all, as they stand to their files, the base and their upstream. */
export async function describeWorktrees(
  deps: Needs,
  selectors: readonly string[],
  base: string,
): Promise<DescribedWorktree[]> {
  const { oid } = await deps.care.findBase(base);
  const selected = selectWorktrees(selectors, await observePresentWorktrees(deps));
  return Promise.all(selected.map((one) => describe(deps, one, oid)));
}

async function describe(
  { care, worktrees }: Needs,
  one: OwnWorktree,
  base: string,
): Promise<DescribedWorktree> {
  const { record, path, state } = one;
  const head = record?.head === undefined || /^0+$/.test(record.head) ? undefined : record.head;
  const upstream = record?.branch === undefined ? undefined : await care.findUpstream(record.branch);
  const [files, unfinished, toBase, toUpstream, commit] = await Promise.all([
    state === "ready" ? worktrees.status(path) : undefined,
    one.isAgent ? undefined : worktrees.findUnfinished(path),
    head === undefined ? undefined : care.compare(head, base),
    head === undefined || upstream === undefined ? undefined : care.compare(head, upstream.oid),
    head === undefined ? undefined : care.findCommit(head),
  ]);
  return {
    ...one,
    files,
    unfinished,
    base: toBase,
    upstream:
      upstream === undefined || toUpstream === undefined ? undefined : { ref: upstream.ref, ...toUpstream },
    commit,
  };
}
