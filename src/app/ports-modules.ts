import type { History } from "./ports.js";
import type { RefStore } from "./ports-trash.js";

/** A submodule's own history, on the primary's side. */
export interface LentModule {
  /** Its path below `modules/` of the git dir. */
  readonly at: string;
  readonly history: History;
  readonly refs: RefStore;
  /** Full names of the branches that worktrees of it are on. */
  readonly checkedOut: () => Promise<ReadonlySet<string>>;
}
