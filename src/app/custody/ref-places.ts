import type { ProjectDeps } from "../ports.js";
import type { RefStore } from "../ports-trash.js";

/** A git dir of the host that has refs of agents. */
export interface RefPlace {
  readonly refs: RefStore;
  /** Full names of branches that somebody is on: deleting one would take it from under the user's feet. */
  readonly inUse: () => Promise<ReadonlySet<string>>;
}

type Needs = Pick<ProjectDeps, "refs" | "worktrees" | "history">;

/** The git dirs of the primary's submodules, nested ones too. */
export async function modulePlaces({ history }: Pick<Needs, "history">): Promise<RefPlace[]> {
  return (await history.modules()).map(({ refs, checkedOut }) => ({ refs, inUse: checkedOut }));
}

/** The primary's own git dir. */
export function primaryPlace({ refs, worktrees }: Needs): RefPlace {
  return {
    refs,
    async inUse() {
      const branches = (await worktrees.list()).map(({ branch }) => branch);
      return new Set(branches.filter((one) => one !== undefined).map((branch) => `refs/heads/${branch}`));
    },
  };
}
