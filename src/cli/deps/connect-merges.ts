import type { MergeDeps } from "../../app/ports-merging.js";
import type { ProjectDeps } from "../../app/ports.js";

/** What merging needs besides; none of it is loaded before. */
export async function connectMerges(deps: ProjectDeps): Promise<MergeDeps> {
  const [{ createGitMerges }, { createGitLanding }, { createGitWorktreeChanges }] = await Promise.all([
    import("../../adapters/git/merges.js"),
    import("../../adapters/git/landing.js"),
    import("../../adapters/git/worktree-changes.js"),
  ]);
  return {
    ...deps,
    merges: createGitMerges(deps.project),
    landing: createGitLanding(deps.project),
    changes: createGitWorktreeChanges(deps.project),
  };
}
