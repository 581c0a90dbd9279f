import type { WorktreeCare } from "../ports-worktrees.js";

/** Branches that others build on: the base, the primary's and the remote's own first one, as last fetched. */
export async function sharedBranches(
  care: Pick<WorktreeCare, "findBase">,
  base: string,
  remote: string,
): Promise<ReadonlySet<string>> {
  const revisions = [base, "HEAD", `${remote}/HEAD`];
  const found = await Promise.all(
    revisions.map((revision) =>
      care.findBase(revision).then(
        ({ branch }) => branch,
        () => undefined,
      ),
    ),
  );
  return new Set(found.filter((branch) => branch !== undefined));
}
